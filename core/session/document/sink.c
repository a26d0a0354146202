/* SPDX-License-Identifier: Apache-2.0 */
/* A file written beside, then renamed. */
#include "session/document/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum mstr_code tell(const struct sink *sink, int reason, mstr_error *error)
{
    return error_set(error, MSTR_E_UNEXPECTED, "cannot write %s: %s", sink->name, strerror(reason));
}

/* A link is followed; one that leads nowhere would be replaced, and its target stay absent. */
static enum mstr_code open_file(struct sink *sink, mstr_error *error)
{
    struct stat old;
    bool exists = stat(sink->name, &old) == 0;
    if (!exists && (errno != ENOENT || lstat(sink->name, &old) == 0)) {
        return tell(sink, errno != 0 ? errno : ENOENT, error);
    }
    if (exists && !S_ISREG(old.st_mode)) {
        sink->to.descriptor = open(sink->name, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        return sink->to.descriptor >= 0 ? MSTR_OK : tell(sink, errno, error);
    }
    sink->path = exists ? realpath(sink->name, NULL) : strdup(sink->name);
    int failure = sink->path != NULL ? whole_file_begin(&sink->to, sink->path) : ENOMEM;
    if (failure == ENOMEM) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    failure = failure == 0 && exists && fchmod(sink->to.descriptor, old.st_mode & 0777) != 0 ? errno : failure;
    return failure == 0 ? MSTR_OK : tell(sink, failure, error);
}

enum mstr_code sink_open(struct sink *sink, const char *file, const mstr_writer *writer, mstr_error *error)
{
    *sink = (struct sink){.writer = file == NULL ? writer : NULL, .name = file, .to = WHOLE_FILE_NONE};
    return sink->writer != NULL ? MSTR_OK : open_file(sink, error);
}

bool sink_write(const void *octets, size_t length, void *data)
{
    struct sink *sink = data;
    const mstr_writer *writer = sink->writer;
    if (writer != NULL && writer->write != NULL) {
        return writer->write(octets, length, writer->data) == 0;
    }
    struct whole_file to = writer != NULL ? (struct whole_file){writer->descriptor, NULL} : sink->to;
    sink->failure = whole_file_write(&to, octets, length);
    return sink->failure == 0;
}

enum mstr_code sink_close(struct sink *sink, enum mstr_code code, mstr_error *error)
{
    bool good = code == MSTR_OK && sink->failure == 0;
    int failure = 0;
    if (sink->to.temporary != NULL) {
        failure = whole_file_end(&sink->to, sink->path, good ? WHOLE_FILE_REPLACE : WHOLE_FILE_DROP);
    } else if (sink->to.descriptor >= 0) {
        failure = close(sink->to.descriptor) != 0 ? errno : 0;
    }
    sink->failure = sink->failure != 0 ? sink->failure : failure;
    if (sink->failure != 0) {
        sink->name = sink->name != NULL ? sink->name : "the export";
        code = tell(sink, sink->failure, error);
    }
    free(sink->path);
    return code;
}
