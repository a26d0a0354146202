/* SPDX-License-Identifier: Apache-2.0 */
/* The sockets that the agent listens on. */
#include "listener.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

static enum mstr_code fail(mstr_error *error, enum mstr_code code, const char *path, const char *what)
{
    return mstr_error_set(error, code, "the agent's socket %s: %s", path, what);
}

/* Parts of the path: the folder for free(), and where the name begins in it; NULL without memory. */
static char *folder_of(const char *path, const char **name)
{
    *name = strrchr(path, '/') + 1;
    size_t length = (size_t)(*name - path) - 1;
    return text_copy_length(path, length > 0 ? length : 1);
}

/* Nobody else may have written what is in it, nor may he exchange it. */
static const char *folder_fault(int folder)
{
    struct stat status;
    return fstat(folder, &status) != 0                        ? strerror(errno)
           : status.st_uid != geteuid() && status.st_uid != 0 ? "its folder belongs to somebody else"
           : (status.st_mode & (S_IWGRP | S_IWOTH)) != 0      ? "others may write to its folder"
                                                              : NULL;
}

static enum mstr_code open_folder(const char *path, bool shared, struct listener *listener, mstr_error *error)
{
    const char *name = NULL;
    char *folder = folder_of(path, &name);
    if (folder == NULL || !buffer_puts(&listener->name, name)) {
        free(folder);
        return mstr_error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    mode_t before = umask(0); /* which would hold back what others need, and what is there already stays as it is */
    mkdir(folder, shared ? S_IRWXU | S_IXGRP | S_IXOTH : S_IRWXU);
    umask(before);
    listener->folder = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    const char *fault =
        listener->folder < 0
            ? (errno == ELOOP || errno == ENOTDIR ? "its folder is a link or no folder" : strerror(errno))
            : folder_fault(listener->folder);
    free(folder);
    return fault == NULL ? MSTR_OK : fail(error, MSTR_E_DENIED, path, fault);
}

/* Tells whose lock it is. */
static enum mstr_code is_running(int lock, mstr_error *error)
{
    char pid[16] = "";
    ssize_t got = pread(lock, pid, sizeof(pid) - 1, 0);
    pid[got > 0 ? got : 0] = '\0';
    pid[strspn(pid, "0123456789")] = '\0';
    return mstr_error_set(error, MSTR_E_EXISTS, "already running, pid %s", pid[0] != '\0' ? pid : "unknown");
}

/* NAME.sock has NAME.lock. */
static enum mstr_code take_lock(const char *path, struct listener *listener, mstr_error *error)
{
    struct buffer name = BUFFER_INIT;
    const char *own = buffer_text(&listener->name);
    size_t length = strlen(own) - (text_ends_with(own, ".sock") ? strlen(".sock") : 0);
    char pid[16];
    if (!buffer_printf(&name, "%.*s.lock", (int)length, own)) {
        return mstr_error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    listener->lock =
        openat(listener->folder, buffer_text(&name), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
    buffer_release(&name);
    if (listener->lock < 0) {
        return fail(error, MSTR_E_DENIED, path, strerror(errno));
    }
    if (flock(listener->lock, LOCK_EX | LOCK_NB) != 0) {
        return errno == EWOULDBLOCK ? is_running(listener->lock, error)
                                    : fail(error, MSTR_E_DENIED, path, strerror(errno));
    }
    int size = snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
    bool written = ftruncate(listener->lock, 0) == 0 && pwrite(listener->lock, pid, (size_t)size, 0) == size;
    return written ? MSTR_OK : fail(error, MSTR_E_CONFIG, path, strerror(errno));
}

/* What a dead agent left; nothing else is removed. */
static const char *remove_stale(const struct listener *listener)
{
    struct stat status;
    const char *name = buffer_text(&listener->name);
    if (fstatat(listener->folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        return errno == ENOENT ? NULL : strerror(errno);
    }
    if (!S_ISSOCK(status.st_mode)) {
        return "there is something else in its place";
    }
    return unlinkat(listener->folder, name, 0) == 0 ? NULL : strerror(errno);
}

static const char *bind_and_listen(const char *path, bool shared, struct listener *listener)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat status;
    if (strlen(path) >= sizeof(address.sun_path)) {
        return strerror(ENAMETOOLONG);
    }
    memcpy(address.sun_path, path, strlen(path));
    listener->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t before = umask(shared ? S_IXUSR | S_IXGRP | S_IXOTH : S_IXUSR | S_IRWXG | S_IRWXO);
    bool bound = listener->fd >= 0 && bind(listener->fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
    int failure = errno;
    umask(before);
    errno = failure;
    if (!bound || fstatat(listener->folder, buffer_text(&listener->name), &status, AT_SYMLINK_NOFOLLOW) != 0) {
        return strerror(errno);
    }
    listener->device = status.st_dev;
    listener->inode = status.st_ino;
    return listen(listener->fd, BACKLOG) == 0 ? NULL : strerror(errno);
}

enum mstr_code listener_open(const char *path, bool shared, struct listener *listener, mstr_error *error)
{
    enum mstr_code code = open_folder(path, shared, listener, error);
    code = code == MSTR_OK ? take_lock(path, listener, error) : code;
    const char *fault = code == MSTR_OK ? remove_stale(listener) : NULL;
    if (code == MSTR_OK && fault == NULL) {
        fault = bind_and_listen(path, shared, listener);
    }
    if (fault != NULL) {
        code = fail(error, MSTR_E_CONFIG, path, fault);
    }
    if (code != MSTR_OK) {
        listener_close(listener);
    }
    return code;
}

static bool read_port(const char *text, unsigned *port)
{
    int64_t number = 0;
    bool good = text_to_int64(text, &number) && number >= 0 && number <= 65535;
    *port = (unsigned)number;
    return good;
}

/* The address and its length; 0 for any but a loopback one. */
static socklen_t read_address(const char *text, struct sockaddr_storage *storage)
{
    static const char four[] = "127.0.0.1:";
    static const char six[] = "[::1]:";
    struct sockaddr_in *in = (struct sockaddr_in *)(void *)storage;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)storage;
    unsigned port = 0;
    *storage = (struct sockaddr_storage){.ss_family = AF_UNSPEC};
    if (text_starts_with(text, four) && read_port(text + strlen(four), &port)) {
        in->sin_family = AF_INET;
        in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        in->sin_port = htons((uint16_t)port);
        return sizeof(*in);
    }
    if (text_starts_with(text, six) && read_port(text + strlen(six), &port)) {
        in6->sin6_family = AF_INET6;
        in6->sin6_addr = in6addr_loopback;
        in6->sin6_port = htons((uint16_t)port);
        return sizeof(*in6);
    }
    return 0;
}

enum mstr_code listener_open_tcp(const char *text, struct listener *listener, mstr_error *error)
{
    const int on = 1;
    struct sockaddr_storage address;
    socklen_t length = read_address(text, &address);
    if (length == 0) {
        return mstr_error_set(error, MSTR_E_CONFIG, "the agent listens on 127.0.0.1:PORT or [::1]:PORT, not on %.80s",
                              text);
    }
    listener->fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool good = listener->fd >= 0 && setsockopt(listener->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
                bind(listener->fd, (const struct sockaddr *)&address, length) == 0 &&
                listen(listener->fd, BACKLOG) == 0;
    if (!good) {
        mstr_error_set(error, MSTR_E_CONFIG, "the agent cannot listen on %s: %s", text, strerror(errno));
        listener_close(listener);
        return MSTR_E_CONFIG;
    }
    listener->port = listener_loopback_port(listener->fd);
    return MSTR_OK;
}

unsigned listener_loopback_port(int fd)
{
    struct sockaddr_storage address = {0};
    const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)&address;
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)&address;
    socklen_t length = sizeof(address);
    bool known = getsockname(fd, (struct sockaddr *)&address, &length) == 0;
    bool four = known && address.ss_family == AF_INET && in->sin_addr.s_addr == htonl(INADDR_LOOPBACK);
    bool six = known && address.ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
    return four ? ntohs(in->sin_port) : six ? ntohs(in6->sin6_port) : 0;
}

void listener_close(struct listener *listener)
{
    struct stat status;
    const char *name = buffer_text(&listener->name);
    if (listener->inode != 0 && fstatat(listener->folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        status.st_dev == listener->device && status.st_ino == listener->inode) {
        unlinkat(listener->folder, name, 0);
    }
    int *const descriptors[] = {&listener->fd, &listener->folder, &listener->lock};
    for (size_t i = 0; i < sizeof(descriptors) / sizeof(*descriptors); i++) {
        if (*descriptors[i] >= 0) {
            close(*descriptors[i]);
        }
        *descriptors[i] = -1;
    }
    listener->inode = 0;
    buffer_release(&listener->name);
}
