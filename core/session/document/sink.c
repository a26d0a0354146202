/* SPDX-License-Identifier: Apache-2.0 */
/* A file written beside, then renamed. */
#include "session/document/sink.h"

#include "base/base64.h"
#include "base/clock.h"

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

static bool name_temporary(struct sink *sink)
{
    unsigned char random[8];
    buffer_printf(&sink->temporary, "%s.", sink->path);
    return clock_random(random, sizeof(random)) && hex_encode(&sink->temporary, random, sizeof(random));
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
        sink->descriptor = open(sink->name, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        return sink->descriptor >= 0 ? MSTR_OK : tell(sink, errno, error);
    }
    sink->path = exists ? realpath(sink->name, NULL) : strdup(sink->name);
    if (sink->path == NULL || !name_temporary(sink)) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    sink->descriptor =
        open(buffer_text(&sink->temporary), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool good = sink->descriptor >= 0 && (!exists || fchmod(sink->descriptor, old.st_mode & 0777) == 0);
    return good ? MSTR_OK : tell(sink, errno, error);
}

enum mstr_code sink_open(struct sink *sink, const char *file, const mstr_writer *writer, mstr_error *error)
{
    *sink = (struct sink){.writer = file == NULL ? writer : NULL, .name = file, .descriptor = -1};
    return sink->writer != NULL ? MSTR_OK : open_file(sink, error);
}

bool sink_write(const void *octets, size_t length, void *data)
{
    struct sink *sink = data;
    const char *at = octets;
    const mstr_writer *writer = sink->writer;
    if (writer != NULL && writer->write != NULL) {
        return writer->write(octets, length, writer->data) == 0;
    }
    int descriptor = writer != NULL ? writer->descriptor : sink->descriptor;
    while (length > 0) {
        ssize_t written = write(descriptor, at, length);
        if (written < 0 && errno != EINTR) {
            sink->failure = errno;
            return false;
        }
        at += written > 0 ? written : 0;
        length -= written > 0 ? (size_t)written : 0;
    }
    return true;
}

enum mstr_code sink_close(struct sink *sink, enum mstr_code code, mstr_error *error)
{
    const char *temporary = sink->temporary.length > 0 ? buffer_text(&sink->temporary) : NULL;
    bool made = sink->descriptor >= 0;
    if (made && close(sink->descriptor) != 0 && sink->failure == 0) {
        sink->failure = errno;
    }
    if (code == MSTR_OK && sink->failure == 0 && temporary != NULL && rename(temporary, sink->path) != 0) {
        sink->failure = errno;
    }
    if (sink->failure != 0) {
        sink->name = sink->name != NULL ? sink->name : "the export";
        code = tell(sink, sink->failure, error);
    }
    if (made && code != MSTR_OK && temporary != NULL) {
        unlink(temporary);
    }
    free(sink->path);
    buffer_release(&sink->temporary);
    return code;
}
