/* SPDX-License-Identifier: Apache-2.0 */
/* The files that identities are made from. */
#include "aws/config/files.h"

#include "base/text.h"
#include "base/whole_file.h"
#include "sdk/file.h"
#include "sdk/host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

const char *files_root = "";

bool files_expand(const char *path, struct buffer *out)
{
    if (path[0] == '~' && (path[1] == '/' || path[1] == '\0')) {
        const char *home = host->environment("HOME");
        if (text_empty(home)) {
            return false;
        }
        buffer_puts(out, home);
        path++;
    }
    return buffer_puts(out, path);
}

/* Times of files go in steps of some ms. */
static struct file_identity identify(const struct stat *status)
{
    enum { STEP = 50 };
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t age =
        (now.tv_sec - status->st_mtim.tv_sec) * INT64_C(1000) + (now.tv_nsec - status->st_mtim.tv_nsec) / 1000000;
    return (struct file_identity){.there = true,
                                  .regular = S_ISREG(status->st_mode),
                                  .settled = age < 0 || age > STEP,
                                  .device = status->st_dev,
                                  .inode = status->st_ino,
                                  .size = status->st_size,
                                  .changed = status->st_mtim};
}

enum mstr_code files_read_known(const struct mstr_call *call, const char *path, size_t limit, struct buffer *out,
                                struct file_identity *identity, struct mstr_error *error)
{
    struct buffer full = BUFFER_INIT;
    struct stat status;
    buffer_printf(&full, "%s%s", files_root, path);
    *identity = (struct file_identity){.there = false};
    int fd = full.failed ? -1 : open(buffer_text(&full), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    int reason = errno;
    buffer_release(&full);
    if (fd < 0) {
        return host->error_set(error, file_is_absent(path, reason) ? MSTR_E_NOT_FOUND : MSTR_E_CONFIG, "%s: %s", path,
                               strerror(reason));
    }
    if (fstat(fd, &status) == 0) { /* before it is read: what changes meanwhile is another */
        *identity = identify(&status);
    }
    enum mstr_code code = file_drain(identity->regular ? NULL : call, fd, path, limit, out, error);
    close(fd);
    return code;
}

enum mstr_code files_header_value(struct buffer *value, const char *what, const char *place, struct mstr_error *error)
{
    while (value->length > 0 && strchr(" \t\r\n", value->data[value->length - 1]) != NULL) {
        buffer_truncate(value, value->length - 1);
    }
    const char *text = buffer_text(value);
    bool cut = strlen(text) != value->length;
    if (cut || strpbrk(text, "\r\n") != NULL) {
        return host->error_set(error, MSTR_E_CONFIG, "%s holds a %s, in %s", what, cut ? "NUL" : "line break", place);
    }
    return value->failed ? host->error_set(error, MSTR_E_MEMORY, "out of memory") : MSTR_OK;
}

bool files_is_known(const char *path, const struct file_identity *identity)
{
    struct buffer full = BUFFER_INIT;
    struct stat status;
    buffer_printf(&full, "%s%s", files_root, path);
    bool there = !full.failed && stat(buffer_text(&full), &status) == 0;
    int reason = errno;
    buffer_release(&full);
    if (!there || !identity->there) {
        return !there && !identity->there && file_is_absent(path, reason);
    }
    bool unchanged = identity->settled && identity->size == status.st_size &&
                     identity->changed.tv_sec == status.st_mtim.tv_sec &&
                     identity->changed.tv_nsec == status.st_mtim.tv_nsec;
    return identity->device == status.st_dev && identity->inode == status.st_ino && (unchanged || !identity->regular);
}

enum mstr_code files_read(const struct mstr_call *call, const char *path, size_t limit, struct buffer *out,
                          struct mstr_error *error)
{
    struct file_identity identity;
    return files_read_known(call, path, limit, out, &identity, error);
}

/* The folder's part of a path, below the root. */
static void put_folder(const char *path, struct buffer *folder)
{
    const char *slash = strrchr(path, '/');
    buffer_puts(folder, files_root);
    buffer_append(folder, path, slash != NULL ? (size_t)(slash - path) : 0);
}

enum mstr_code files_replace(const char *path, const struct buffer *content, struct mstr_error *error)
{
    struct buffer full = BUFFER_INIT;
    struct whole_file file = WHOLE_FILE_NONE;
    buffer_printf(&full, "%s%s", files_root, path);
    const char *place = buffer_text(&full);
    int failure = full.failed ? ENOMEM : whole_file_begin(&file, place);
    failure = failure == 0 ? whole_file_write(&file, content->data, content->length) : failure;
    int later = whole_file_end(&file, place, failure == 0 ? WHOLE_FILE_REPLACE : WHOLE_FILE_DROP);
    failure = failure != 0 ? failure : later;
    buffer_release(&full);
    return failure == 0 ? MSTR_OK : host->error_set(error, MSTR_E_CONFIG, "%s: %s", path, strerror(failure));
}

int files_lock(const char *path, const struct mstr_call *call)
{
    enum { PAUSE = 20 };
    struct buffer folder = BUFFER_INIT;
    put_folder(path, &folder);
    int lock = folder.failed ? -1 : open(buffer_text(&folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    buffer_release(&folder);
    while (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK || host->sleep(call, PAUSE) != MSTR_OK) {
            close(lock);
            lock = -1;
        }
    }
    return lock;
}

void files_unlock(int lock)
{
    if (lock >= 0) {
        close(lock);
    }
}
