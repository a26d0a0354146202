/* SPDX-License-Identifier: Apache-2.0 */
/* One stream socket. */
#include "redis/wire/socket.h"

#include "sdk/host.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* ms between two looks at the caller's cancellation. */
enum { SLICE = 50 };

int64_t wait_left(const struct wait *wait)
{
    int64_t left = host->remaining(wait->call);
    int64_t own = wait->until == INT64_MAX ? left : wait->until - host->monotonic();
    own = own > 0 ? own : 0;
    return own < left ? own : left;
}

enum mstr_code wait_check(const struct wait *wait, const char *what, struct mstr_error *error)
{
    if (host->cancelled(wait->call)) {
        return call_tell_end(MSTR_E_CANCELLED, what, error);
    }
    return wait_left(wait) > 0 ? MSTR_OK : call_tell_end(MSTR_E_TIMEOUT, what, error);
}

bool wait_is_impatient(const struct wait *wait, enum mstr_code code)
{
    return code == MSTR_E_TIMEOUT && host->remaining(wait->call) > 0;
}

/* Until the socket is ready for one of `events`, which errors and its end are too. */
static enum mstr_code await(int fd, short events, const struct wait *wait, const char *what, struct mstr_error *error)
{
    for (;;) {
        enum mstr_code code = wait_check(wait, what, error);
        if (code != MSTR_OK) {
            return code;
        }
        int64_t left = wait_left(wait);
        struct pollfd waited = {.fd = fd, .events = events};
        if (poll(&waited, 1, (int)(left < SLICE ? left : SLICE)) > 0) {
            return MSTR_OK;
        }
    }
}

static enum mstr_code tell_broken(int number, struct mstr_error *error)
{
    char text[128];
    if (strerror_r(number, text, sizeof(text)) != 0) {
        text[0] = '\0';
    }
    return host->error_set(error, MSTR_E_NETWORK, "the connection to the store broke: %s", text);
}

enum mstr_code socket_tell_end(struct mstr_error *error)
{
    return host->error_set(error, MSTR_E_NETWORK, "the store closed the connection");
}

static enum mstr_code tell_refused(const struct endpoint *endpoint, int number, struct mstr_error *error)
{
    char text[128];
    char place[ENDPOINT_TEXT];
    if (strerror_r(number, text, sizeof(text)) != 0) {
        text[0] = '\0';
    }
    return host->error_set(error, MSTR_E_NETWORK, "cannot connect to the store at %s: %s",
                           endpoint_tell(endpoint, place), text);
}

static int make(int family)
{
    int on = 1;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && family != AF_UNIX) { /* commands are small and each is waited for */
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    }
    return fd;
}

/* 0, or why it is not connected. */
static int failure_of(int fd)
{
    int number = 0;
    socklen_t size = sizeof(number);
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &size) == 0 ? number : errno;
}

static enum mstr_code join(int fd, const struct address *address, const struct endpoint *endpoint,
                           const struct wait *wait, struct mstr_error *error)
{
    enum mstr_code code = wait_check(wait, "the connection to the store", error);
    if (code != MSTR_OK) {
        return code;
    }
    if (connect(fd, (const struct sockaddr *)(const void *)&address->place, address->length) == 0) {
        return MSTR_OK;
    }
    if (errno != EINPROGRESS && errno != EINTR) {
        return tell_refused(endpoint, errno, error);
    }
    code = await(fd, POLLOUT, wait, "the connection to the store", error);
    int number = code == MSTR_OK ? failure_of(fd) : 0;
    return number != 0 ? tell_refused(endpoint, number, error) : code;
}

enum mstr_code socket_connect(const struct addresses *addresses, const struct endpoint *endpoint,
                              const struct wait *wait, int *fd, struct mstr_error *error)
{
    enum mstr_code code = tell_refused(endpoint, EADDRNOTAVAIL, error);
    *fd = -1;
    for (size_t i = 0; i < addresses->count; i++) {
        int64_t share = wait_left(wait) / (int64_t)(addresses->count - i);
        const struct wait part = {wait->call, host->monotonic() + share};
        int made = make(addresses->list[i].place.ss_family);
        code = made < 0 ? tell_refused(endpoint, errno, error)
                        : join(made, &addresses->list[i], endpoint, i + 1 < addresses->count ? &part : wait, error);
        if (code == MSTR_OK) {
            *fd = made;
            return MSTR_OK;
        }
        if (made >= 0) {
            close(made);
        }
        if (code == MSTR_E_CANCELLED) {
            break;
        }
    }
    return code;
}

bool socket_is_quiet(int fd)
{
    struct pollfd waited = {.fd = fd, .events = POLLIN};
    return poll(&waited, 1, 0) == 0;
}

enum mstr_code socket_send(int fd, const char *octets, size_t length, const struct wait *wait,
                           struct mstr_error *error)
{
    enum mstr_code code = MSTR_OK;
    while (code == MSTR_OK && length > 0) {
        ssize_t sent = send(fd, octets, length, MSG_NOSIGNAL);
        if (sent >= 0) {
            octets += sent;
            length -= (size_t)sent;
        } else if (errno == EAGAIN) {
            code = await(fd, POLLOUT, wait, "the store to take what is sent", error);
        } else if (errno != EINTR) {
            code = tell_broken(errno, error);
        }
    }
    return code;
}

enum mstr_code socket_receive(int fd, char *into, size_t capacity, const struct wait *wait, size_t *got,
                              struct mstr_error *error)
{
    *got = 0;
    for (;;) {
        enum mstr_code code = await(fd, POLLIN, wait, "the store's reply", error);
        if (code != MSTR_OK) {
            return code;
        }
        ssize_t received = recv(fd, into, capacity, 0);
        if (received >= 0) {
            *got = (size_t)received;
            return MSTR_OK;
        }
        if (errno != EINTR && errno != EAGAIN) {
            return tell_broken(errno, error);
        }
    }
}
