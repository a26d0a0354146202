/* SPDX-License-Identifier: Apache-2.0 */
/* Files that plugins have the host read. */
#include "plugin/host_file.h"

#include "base/error.h"
#include "base/trusted_file.h"
#include "secret/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_ROOM = 4096 }; /* for files that do not tell their size, and pipes */

/* A file on its way into secret memory. */
struct reading {
    const char *path;
    const struct limits *limits; /* NULL = waits for nothing */
    size_t most;
    char *text; /* of `room` octets and a NUL */
    size_t room;
    size_t length;
};

static enum mstr_code tell(const struct reading *reading, int failure, mstr_error *error)
{
    static const struct {
        int failure;
        enum mstr_code code;
    } classes[] = {{ENOENT, MSTR_E_NOT_FOUND}, {ENOTDIR, MSTR_E_NOT_FOUND},   {EACCES, MSTR_E_DENIED},
                   {EPERM, MSTR_E_DENIED},     {ETIMEDOUT, MSTR_E_TIMEOUT},   {ECANCELED, MSTR_E_CANCELLED},
                   {EFBIG, MSTR_E_CONFIG},     {ENAMETOOLONG, MSTR_E_CONFIG}, {ENOMEM, MSTR_E_MEMORY}};
    enum { MEBIBYTE = 1024 * 1024 };
    enum mstr_code code = MSTR_E_UNEXPECTED;
    for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
        code = classes[i].failure == failure ? classes[i].code : code;
    }
    if (failure == EFBIG) {
        bool even = reading->most > 0 && reading->most % MEBIBYTE == 0;
        return error_set(error, code, "file %s: larger than %zu %s", reading->path,
                         even ? reading->most / MEBIBYTE : reading->most, even ? "MiB" : "octets");
    }
    return error_set(error, code, "file %s: %s", reading->path, strerror(failure));
}

/* Waits until a pipe has something to read; a regular file always has. 0, or an errno. */
static int wait_readable(const struct reading *reading, int fd)
{
    struct pollfd waited = {fd, POLLIN, 0};
    if (poll(&waited, 1, 0) > 0) {
        return 0;
    }
    enum mstr_code code = reading->limits != NULL ? limits_await(fd, reading->limits) : MSTR_E_TIMEOUT;
    return code == MSTR_OK ? 0 : code == MSTR_E_CANCELLED ? ECANCELED : ETIMEDOUT;
}

/* One octet more than is allowed has room, so that a file that is too large shows. */
static bool make_room(struct reading *reading, size_t room)
{
    room = room <= reading->most ? room : reading->most + 1;
    char *text = secure_alloc(room + 1);
    if (text != NULL && reading->text != NULL) {
        memcpy(text, reading->text, reading->length);
    }
    secure_free(reading->text);
    reading->text = text;
    reading->room = room;
    return text != NULL;
}

/* To the end. 0, or an errno. */
static int read_all(struct reading *reading, int fd)
{
    for (;;) {
        int failure = wait_readable(reading, fd);
        if (failure != 0) {
            return failure;
        }
        ssize_t got = read(fd, reading->text + reading->length, reading->room - reading->length);
        if (got > 0) {
            reading->length += (size_t)got;
        } else if (got == 0 || (errno != EINTR && errno != EAGAIN)) {
            return got == 0 ? 0 : errno;
        }
        if (reading->length > reading->most) {
            return EFBIG;
        }
        if (reading->length == reading->room && !make_room(reading, 2 * reading->room)) {
            return ENOMEM;
        }
    }
}

static enum mstr_code read_open(struct reading *reading, int fd, char **content, size_t *length, mstr_error *error)
{
    struct stat status;
    if (fstat(fd, &status) != 0) {
        return tell(reading, errno, error);
    }
    if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode)) {
        return error_set(error, MSTR_E_CONFIG, "file %s is neither a regular file nor a pipe", reading->path);
    }
    size_t expected = status.st_size > 0 ? (size_t)status.st_size + 1 : FIRST_ROOM;
    int failure = make_room(reading, expected) ? read_all(reading, fd) : ENOMEM;
    if (failure != 0) {
        secure_free(reading->text);
        return tell(reading, failure, error);
    }
    *content = reading->text;
    if (length != NULL) {
        *length = reading->length;
    }
    return MSTR_OK;
}

/* What both ways have in common. False for a path that leads elsewhere with each working directory. */
static bool begin(struct reading *reading, char **content, size_t *length, mstr_error *error)
{
    reading->most = reading->most < HOST_FILE_MAX ? reading->most : HOST_FILE_MAX;
    if (content != NULL) {
        *content = NULL;
    }
    if (length != NULL) {
        *length = 0;
    }
    if (reading->path[0] != '/') {
        error_set(error, MSTR_E_CONFIG, "file %s: the path is not absolute", reading->path);
    }
    return reading->path[0] == '/';
}

enum mstr_code host_file_read(const struct limits *limits, const char *path, size_t most, char **content,
                              size_t *length, struct mstr_error *error)
{
    struct reading reading = {.path = path, .limits = limits, .most = most};
    if (!begin(&reading, content, length, error)) {
        return MSTR_E_CONFIG;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        return tell(&reading, errno, error);
    }
    enum mstr_code code = read_open(&reading, fd, content, length, error);
    close(fd);
    return code;
}

enum mstr_code host_file_read_trusted(const struct limits *limits, const char *path, size_t most, char **content,
                                      size_t *length, struct mstr_error *error)
{
    struct reading reading = {.path = path, .limits = limits, .most = most};
    const char *what = content != NULL ? "file" : "program";
    struct trusted_file file;
    enum mstr_code code = MSTR_OK;
    if (!begin(&reading, content, length, error)) {
        return MSTR_E_CONFIG;
    }
    enum trusted_verdict verdict =
        trusted_file_open(path, content != NULL ? TRUSTED_CONFIGURATION : TRUSTED_PROGRAM, &file);
    if (verdict == TRUSTED_REFUSED) {
        code = error_set(error, MSTR_E_CONFIG, "%s refused: %s", what, buffer_text(&file.problem));
        error_set_hint(error, "%s", buffer_text(&file.remedy));
    } else if (verdict == TRUSTED_ABSENT) {
        code = tell(&reading, file.failure, error);
    } else if (verdict == TRUSTED_UNREADABLE) {
        code = error_set(error, trusted_file_class(&file, MSTR_E_CONFIG), "%s %s cannot be checked: %s", what, path,
                         file.problem.failed ? "out of memory" : buffer_text(&file.problem));
    } else if (content != NULL) {
        code = read_open(&reading, file.fd, content, length, error);
    }
    trusted_file_close(&file);
    return code;
}
