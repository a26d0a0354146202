/* SPDX-License-Identifier: Apache-2.0 */
/* One connection to a Unix socket. */
#define _GNU_SOURCE /* struct ucred */
#include "local/connection.h"

#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* ms between two looks at a listener whose queue is full. */
enum { QUEUE_PAUSE = 5 };

/* Programs under instruments are slower than any that users have. */
#ifdef MSTR_INSTRUMENTED
int64_t connection_patience = 10 * 1000;
#else
int64_t connection_patience = 250;
#endif

static enum local_outcome tell_ended(enum mstr_code code, const char *doing, mstr_error *error)
{
    error_set(error, code, "%s while %s", mstr_code_text(code), doing);
    return LOCAL_ENDED;
}

static struct limits patient(const struct limits *limits, int64_t patience)
{
    int64_t end = clock_monotonic() + patience;
    return (struct limits){end < limits->deadline ? end : limits->deadline, limits->cancel};
}

/* Whether it ended by that alone, and not by the caller's limits. */
static bool is_impatience(enum mstr_code code, const struct limits *within, const struct limits *limits)
{
    return code == MSTR_E_TIMEOUT && within->deadline < limits->deadline;
}

/* Nothing was sent, as the step says. */
static enum local_outcome tell_absent(const char *path, int number, mstr_error *error)
{
    error_set(error, MSTR_E_NETWORK, "nobody listens at %s: %s", path, strerror(number));
    error_set_step(error, "connect");
    return LOCAL_ABSENT;
}

/* A queue that is full gives no descriptor to wait on. */
static enum local_outcome join(int fd, const char *path, const struct sockaddr_un *address,
                               const struct limits *limits, mstr_error *error)
{
    const struct limits within = patient(limits, connection_patience);
    while (connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0) {
        int failure = errno;
        enum mstr_code code = failure == EAGAIN ? limits_sleep(&within, QUEUE_PAUSE) : MSTR_OK;
        if (failure != EAGAIN && failure != EINTR) {
            return tell_absent(path, failure, error);
        }
        if (code != MSTR_OK) {
            return is_impatience(code, &within, limits) ? tell_absent(path, failure, error)
                                                        : tell_ended(code, "connecting", error);
        }
    }
    return LOCAL_ANSWERED;
}

/* Whom the kernel shows in the place of an id that this user namespace does not have: anybody, also where it is what
 * one is oneself shown as. */
enum { OVERFLOW_ID = 65534 };

/* Who called listen() there, as the kernel noted it. */
static enum local_outcome check_listener(int fd, const char *path, uid_t owner, mstr_error *error)
{
    struct ucred peer = {0, (uid_t)-1, (gid_t)-1};
    socklen_t size = sizeof(peer);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
        return tell_absent(path, errno, error);
    }
    if ((peer.uid == geteuid() && peer.uid != OVERFLOW_ID) || peer.uid == 0 || peer.uid == owner) {
        return LOCAL_ANSWERED;
    }
    error_set(error, MSTR_E_DENIED, "user %lu listens at %s, whom user %lu does not trust", (unsigned long)peer.uid,
              path, (unsigned long)geteuid());
    return LOCAL_FOREIGN;
}

enum local_outcome connection_open(const char *path, uid_t owner, const struct limits *limits, int *fd,
                                   mstr_error *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    *fd = -1;
    if (path[0] == '\0' || strlen(path) >= sizeof(address.sun_path)) {
        return tell_absent(path, ENAMETOOLONG, error);
    }
    memcpy(address.sun_path, path, strlen(path));
    int made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    enum local_outcome outcome =
        made >= 0 ? join(made, path, &address, limits, error) : tell_absent(path, errno, error);
    if (outcome == LOCAL_ANSWERED) {
        outcome = check_listener(made, path, owner, error);
    }
    if (outcome == LOCAL_ANSWERED) {
        *fd = made;
    } else if (made >= 0) {
        close(made);
    }
    return outcome;
}

bool connection_is_idle(int fd)
{
    struct pollfd waited = {.fd = fd, .events = POLLIN};
    return poll(&waited, 1, 0) == 0;
}

static enum local_outcome tell_broken(int number, mstr_error *error)
{
    error_set(error, MSTR_E_NETWORK, "the connection broke: %s", strerror(number));
    return LOCAL_BROKEN;
}

enum local_outcome connection_send(int fd, const char *octets, size_t length, const struct limits *limits,
                                   mstr_error *error)
{
    while (length > 0) {
        ssize_t sent = send(fd, octets, length, MSG_NOSIGNAL);
        if (sent >= 0) {
            octets += sent;
            length -= (size_t)sent;
        } else if (errno == EAGAIN) {
            enum mstr_code code = limits_await_room(fd, limits);
            if (code != MSTR_OK) {
                return tell_ended(code, "sending", error);
            }
        } else if (errno != EINTR) {
            return tell_broken(errno, error);
        }
    }
    return LOCAL_ANSWERED;
}

enum local_outcome connection_receive(int fd, char *into, size_t capacity, int64_t patience,
                                      const struct limits *limits, size_t *got, mstr_error *error)
{
    const struct limits within = patience != 0 ? patient(limits, patience) : *limits;
    *got = 0;
    for (;;) {
        enum mstr_code code = limits_await(fd, &within);
        if (is_impatience(code, &within, limits)) {
            error_set(error, MSTR_E_NETWORK, "whoever listens says nothing within %lld ms", (long long)patience);
            return LOCAL_ABSENT;
        }
        if (code != MSTR_OK) {
            return tell_ended(code, "waiting for the agent's answer", error);
        }
        ssize_t received = recv(fd, into, capacity, 0);
        int number = errno;
        bool ended = received == 0 || (received < 0 && number != EINTR && number != EAGAIN);
        if (ended && limits_check(limits) != MSTR_OK) {
            continue; /* it is the limits that ended it: who listens has the same, and may look at his clock first */
        }
        if (received >= 0) {
            *got = (size_t)received;
            return LOCAL_ANSWERED;
        }
        if (ended) {
            return tell_broken(number, error);
        }
    }
}
