/* SPDX-License-Identifier: Apache-2.0 */
/* Files of certificates and keys. */
#include "http/tls_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MOST = 16 * 1024 * 1024 };

enum mstr_code tls_file_fail(const char *source, const char *path, const char *why, const char *what,
                             mstr_error *error)
{
    error_set(error, MSTR_E_CONFIG, "%s=%s: %s", source, path, why);
    error_set_hint(error, "%s must name %s", source, what);
    return MSTR_E_CONFIG;
}

enum mstr_code tls_file_check_regular(const char *source, const char *path, mstr_error *error)
{
    struct stat status;
    if (stat(path, &status) != 0 || S_ISREG(status.st_mode)) {
        return MSTR_OK;
    }
    return tls_file_fail(source, path, "it is no regular file",
                         "a file of certificates or keys, not a pipe, device or folder", error);
}

bool tls_file_slurp(const char *path, struct buffer *content)
{
    char octets[8192];
    ssize_t got = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        return false;
    }
    while (!content->failed && ((got = read(fd, octets, sizeof(octets))) > 0 || (got < 0 && errno == EINTR))) {
        buffer_append(content, octets, got > 0 ? (size_t)got : 0);
    }
    bool large = content->limit != 0 && got > 0 && content->length + (size_t)got > content->limit;
    int failure = content->failed ? (large ? EFBIG : ENOMEM) : got < 0 ? errno : 0;
    explicit_bzero(octets, sizeof(octets));
    close(fd);
    errno = failure;
    return failure == 0;
}

enum mstr_code tls_file_read(const char *source, const char *path, const char *what, struct buffer *content,
                             mstr_error *error)
{
    content->limit = FILE_MOST;
    enum mstr_code code = tls_file_check_regular(source, path, error);
    if (code == MSTR_OK && !tls_file_slurp(path, content)) {
        code = errno == ENOMEM ? error_set(error, MSTR_E_MEMORY, "out of memory")
                               : tls_file_fail(source, path, strerror(errno), what, error);
    }
    return code;
}
