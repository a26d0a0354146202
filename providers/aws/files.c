/* The files that identities are made from. */
#include "aws/files.h"

#include "common/common.h"
#include "util/text.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <string.h>
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

static enum mstr_code read_all(int fd, const char *path, size_t limit, struct buffer *out, struct mstr_error *error)
{
    char piece[4096];
    enum mstr_code code = MSTR_OK;
    ssize_t got = 0;
    while (code == MSTR_OK && (got = read(fd, piece, sizeof(piece))) != 0) {
        if (got < 0 && errno != EINTR) {
            code = host->error_set(error, MSTR_E_CONFIG, "%s: %s", path, strerror(errno));
        } else if (got > 0 && out->length + (size_t)got > limit) {
            code = host->error_set(error, MSTR_E_CONFIG, "%s is longer than %zu octets", path, limit);
        } else if (got > 0 && !buffer_append(out, piece, (size_t)got)) {
            code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
        }
    }
    OPENSSL_cleanse(piece, sizeof(piece));
    return code;
}

enum mstr_code files_read(const char *path, size_t limit, struct buffer *out, struct mstr_error *error)
{
    struct buffer full = BUFFER_INIT;
    buffer_puts(&full, files_root);
    buffer_puts(&full, path);
    int fd = full.failed ? -1 : open(buffer_text(&full), O_RDONLY | O_CLOEXEC);
    int reason = errno;
    buffer_release(&full);
    if (fd < 0) {
        bool none = reason == ENOENT || reason == ENOTDIR;
        return host->error_set(error, none ? MSTR_E_NOT_FOUND : MSTR_E_CONFIG, "%s: %s", path, strerror(reason));
    }
    enum mstr_code code = read_all(fd, path, limit, out, error);
    close(fd);
    return code;
}
