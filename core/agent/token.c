/* SPDX-License-Identifier: Apache-2.0 */
/* The access token of the TCP listener. */
#include "token.h"

#include "base/base64.h"
#include "base/clock.h"
#include "base/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RANDOM_OCTETS = 32, LEAST = 16, MOST = 4096, WRONG_IN_A_SECOND = 10 };

static enum mstr_code fail(mstr_error *error, const char *path, const char *what)
{
    return mstr_error_set(error, MSTR_E_CONFIG, "the token file %s %s", path, what);
}

static enum mstr_code make(const char *path, mstr_error *error)
{
    unsigned char octets[RANDOM_OCTETS];
    struct buffer text = BUFFER_INIT;
    bool good = clock_random(octets, sizeof(octets)) && base64url_encode(&text, octets, sizeof(octets));
    struct whole_file file = WHOLE_FILE_NONE;
    int failure = good ? whole_file_begin(&file, path) : ENOMEM;
    failure = failure == 0 ? whole_file_write(&file, buffer_text(&text), text.length) : failure;
    int later = whole_file_end(&file, path, failure == 0 ? WHOLE_FILE_NEW : WHOLE_FILE_DROP);
    failure = failure != 0 ? failure : later == EEXIST ? 0 : later; /* another agent was faster: his is taken */
    buffer_release(&text);
    mstr_wipe(octets, sizeof(octets));
    return failure == 0 ? MSTR_OK : fail(error, path, strerror(failure));
}

static const char *fault_of(const struct stat *status)
{
    return !S_ISREG(status->st_mode)                            ? "is no file"
           : status->st_uid != geteuid() && status->st_uid != 0 ? "belongs to somebody else"
           : (status->st_mode & (S_IRWXG | S_IRWXO)) != 0       ? "can be read by others; its mode must be 0600"
                                                                : NULL;
}

static enum mstr_code read_text(int fd, const char *path, struct token *token, mstr_error *error)
{
    char *room = buffer_room(&token->text, MOST);
    ssize_t got = room != NULL ? read(fd, room, MOST) : -1;
    if (got < 0) {
        return fail(error, path, "cannot be read");
    }
    buffer_written(&token->text, (size_t)got);
    size_t length = strcspn(buffer_text(&token->text), " \t\r\n");
    buffer_truncate(&token->text, length);
    return length >= LEAST ? MSTR_OK : fail(error, path, "holds less than 16 octets");
}

static int open_plain(const char *path)
{
    return open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
}

enum mstr_code token_open(const char *path, struct token *token, mstr_error *error)
{
    struct stat status;
    int fd = open_plain(path);
    if (fd < 0 && errno == ENOENT) {
        enum mstr_code code = make(path, error);
        if (code != MSTR_OK) {
            return code;
        }
        fd = open_plain(path);
    }
    if (fd < 0 || fstat(fd, &status) != 0) {
        return fail(error, path, errno == ELOOP ? "is a link" : strerror(errno));
    }
    const char *fault = fault_of(&status);
    enum mstr_code code = fault != NULL ? fail(error, path, fault) : read_text(fd, path, token, error);
    close(fd);
    return code;
}

static bool is_equal(const struct buffer *text, const char *given)
{
    size_t length = strlen(given);
    unsigned char differing = length != text->length;
    for (size_t i = 0; i < text->length; i++) {
        differing |= (unsigned char)(text->data[i] ^ given[i < length ? i : length]);
    }
    return differing == 0;
}

enum token_verdict token_check(struct token *token, const char *given, int64_t now)
{
    if (now - token->since >= 1000) {
        token->since = now;
        token->wrong = 0;
    }
    if (given != NULL && is_equal(&token->text, given)) {
        return TOKEN_GOOD; /* also amid a flood of wrong ones, which would shut out everybody otherwise */
    }
    if (token->wrong >= WRONG_IN_A_SECOND) {
        return TOKEN_TOO_MANY;
    }
    token->wrong++;
    return TOKEN_WRONG;
}

void token_release(struct token *token)
{
    buffer_release(&token->text);
}
