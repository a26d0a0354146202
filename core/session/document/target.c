/* SPDX-License-Identifier: Apache-2.0 */
/* A file written beside, then renamed. */
#include "session/document/target.h"

#include "base/base64.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum mstr_code tell(const struct target *target, int reason, mstr_error *error)
{
    return error_set(error, MSTR_E_UNEXPECTED, "cannot write %s: %s", target->name, strerror(reason));
}

static bool name_temporary(struct target *target)
{
    unsigned char random[8];
    buffer_printf(&target->temporary, "%s.", target->path);
    return clock_random(random, sizeof(random)) && hex_encode(&target->temporary, random, sizeof(random));
}

/* A link is followed; one that leads nowhere would be replaced, and its target stay absent. */
static enum mstr_code open_file(struct target *target, mstr_error *error)
{
    struct stat old;
    bool exists = stat(target->name, &old) == 0;
    if (!exists && (errno != ENOENT || lstat(target->name, &old) == 0)) {
        return tell(target, errno != 0 ? errno : ENOENT, error);
    }
    if (exists && !S_ISREG(old.st_mode)) {
        target->descriptor = open(target->name, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        return target->descriptor >= 0 ? MSTR_OK : tell(target, errno, error);
    }
    target->path = exists ? realpath(target->name, NULL) : strdup(target->name);
    if (target->path == NULL || !name_temporary(target)) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    target->descriptor =
        open(buffer_text(&target->temporary), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool good = target->descriptor >= 0 && (!exists || fchmod(target->descriptor, old.st_mode & 0777) == 0);
    return good ? MSTR_OK : tell(target, errno, error);
}

enum mstr_code target_open(struct target *target, const char *file, const mstr_writer *writer, mstr_error *error)
{
    *target = (struct target){.writer = file == NULL ? writer : NULL, .name = file, .descriptor = -1};
    return target->writer != NULL ? MSTR_OK : open_file(target, error);
}

bool target_write(const void *octets, size_t length, void *data)
{
    struct target *target = data;
    const char *at = octets;
    const mstr_writer *writer = target->writer;
    if (writer != NULL && writer->write != NULL) {
        return writer->write(octets, length, writer->data) == 0;
    }
    int descriptor = writer != NULL ? writer->descriptor : target->descriptor;
    while (length > 0) {
        ssize_t written = write(descriptor, at, length);
        if (written < 0 && errno != EINTR) {
            target->failure = errno;
            return false;
        }
        at += written > 0 ? written : 0;
        length -= written > 0 ? (size_t)written : 0;
    }
    return true;
}

enum mstr_code target_close(struct target *target, enum mstr_code code, mstr_error *error)
{
    const char *temporary = target->temporary.length > 0 ? buffer_text(&target->temporary) : NULL;
    bool made = target->descriptor >= 0;
    if (made && close(target->descriptor) != 0 && target->failure == 0) {
        target->failure = errno;
    }
    if (code == MSTR_OK && target->failure == 0 && temporary != NULL && rename(temporary, target->path) != 0) {
        target->failure = errno;
    }
    if (target->failure != 0) {
        target->name = target->name != NULL ? target->name : "the export";
        code = tell(target, target->failure, error);
    }
    if (made && code != MSTR_OK && temporary != NULL) {
        unlink(temporary);
    }
    free(target->path);
    buffer_release(&target->temporary);
    return code;
}
