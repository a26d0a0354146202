/* SPDX-License-Identifier: Apache-2.0 */
/* Small files. */
#include "sdk/file.h"

#include "base/home.h"
#include "sdk/host.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 1 << 20 };

bool file_is_absent(const char *path, int failure)
{
    return failure == ENOENT || failure == ENOTDIR ||
           (failure == EACCES && home_hides(host->environment("HOME"), path));
}

static enum mstr_code failed(const char *what, enum mstr_code code, int number, struct mstr_error *error)
{
    char why[128] = "cannot be read";
    strerror_r(number, why, sizeof(why));
    return host->error_set(error, code, "%s: %s", what, why);
}

/* Until there is something to read, if only the end. A pipe that nobody has opened to write shows none before. */
static enum mstr_code await(const struct mstr_call *call, int fd)
{
    enum { SLICE = 25 }; /* ms: a cancellation is looked for this often */
    struct pollfd waited = {fd, POLLIN, 0};
    enum mstr_code code = MSTR_OK;
    while ((code = call_check(call)) == MSTR_OK && poll(&waited, 1, SLICE) < 1) {
        /* nothing yet */
    }
    return code;
}

static enum mstr_code tell_too_long(const char *what, size_t limit, struct mstr_error *error)
{
    enum { MEBIBYTE = 1024 * 1024 };
    bool even = limit % MEBIBYTE == 0;
    return host->error_set(error, MSTR_E_CONFIG, "%s is longer than %zu %s", what, even ? limit / MEBIBYTE : limit,
                           even ? "MiB" : "octets");
}

enum mstr_code file_drain(const struct mstr_call *call, int fd, const char *what, size_t limit, struct buffer *out,
                          struct mstr_error *error)
{
    char chunk[4096];
    enum mstr_code ended = MSTR_OK;
    enum mstr_code code = MSTR_OK;
    size_t length = 0;
    ssize_t count = 1;
    while (code == MSTR_OK && count != 0 && (ended = call != NULL ? await(call, fd) : MSTR_OK) == MSTR_OK) {
        count = read(fd, chunk, sizeof(chunk));
        if (count < 0) {
            code = errno == EINTR || errno == EAGAIN ? MSTR_OK : failed(what, MSTR_E_CONFIG, errno, error);
        } else if ((length += (size_t)count) > limit) {
            code = tell_too_long(what, limit, error);
        } else if (!buffer_append(out, chunk, (size_t)count)) {
            code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
        }
    }
    explicit_bzero(chunk, sizeof(chunk));
    return ended == MSTR_OK ? code : call_tell_end(ended, what, error);
}

enum mstr_code file_read(const char *path, const char *what, unsigned flags, struct buffer *out,
                         struct mstr_error *error)
{
    struct stat status;
    enum mstr_code code = MSTR_OK;
    int before = errno;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | ((flags & FILE_NO_LINK) != 0 ? O_NOFOLLOW : 0));
    if (fd < 0) {
        code = failed(what, file_is_absent(path, errno) ? MSTR_E_NOT_AVAILABLE : MSTR_E_CONFIG, errno, error);
    } else if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        code = host->error_set(error, MSTR_E_CONFIG, "%s: is not a regular file", what);
    } else if ((flags & FILE_GUARDED) != 0 && (status.st_mode & S_IWOTH) != 0) {
        code =
            error_hint(error, host->error_set(error, MSTR_E_CONFIG, "%s: anybody may write it", what), "chmod o-w");
    } else {
        code = file_drain(NULL, fd, what, FILE_MAX, out, error);
    }
    if (fd >= 0) {
        close(fd);
    }
    errno = before;
    return code;
}
