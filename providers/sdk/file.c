/* Small files. */
#include "sdk/file.h"

#include "base/home.h"
#include "sdk/host.h"

#include <errno.h>
#include <fcntl.h>
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
    char why[128] = "";
    if (strerror_r(number, why, sizeof(why)) != 0) {
        strcpy(why, "cannot be read");
    }
    return host->error_set(error, code, "%s: %s", what, why);
}

/* At most FILE_MAX octets and one, so that a file that is too long shows. */
static int read_all(int fd, size_t expected, struct buffer *out)
{
    char chunk[4096];
    ssize_t count = 0;
    buffer_reserve(out, out->length + expected);
    do {
        count = read(fd, chunk, sizeof(chunk));
        buffer_append(out, chunk, count > 0 ? (size_t)count : 0);
    } while ((count > 0 && out->length <= FILE_MAX) || (count < 0 && errno == EINTR));
    explicit_bzero(chunk, sizeof(chunk));
    return count < 0 ? errno : 0;
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
        int number = read_all(fd, (size_t)(status.st_size < FILE_MAX ? status.st_size : 0), out);
        if (number != 0) {
            code = failed(what, MSTR_E_CONFIG, number, error);
        } else if (out->length > FILE_MAX) {
            code = host->error_set(error, MSTR_E_CONFIG, "%s: is longer than 1 MiB", what);
        } else if (out->failed) {
            code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
        }
    }
    if (fd >= 0) {
        close(fd);
    }
    errno = before;
    return code;
}
