/* SPDX-License-Identifier: Apache-2.0 */
/* Deadlines and cancellation. */
#include "base/limits.h"

#include "base/clock.h"
#include "base/condition.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { DEFAULT_TIMEOUT = 30 * 1000 };

struct mstr_cancel {
    atomic_bool set;
    int descriptor;           /* an eventfd: readable from the cancellation on */
    int both;                 /* an epoll of this one and the one it follows, -1 = not needed so far */
    const mstr_cancel *other; /* which it follows, NULL = none */
};

mstr_cancel *mstr_cancel_new(void)
{
    mstr_cancel *cancel = calloc(1, sizeof(*cancel));
    if (cancel == NULL) {
        return NULL;
    }
    cancel->both = -1;
    cancel->descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (cancel->descriptor < 0) {
        free(cancel);
        return NULL;
    }
    return cancel;
}

void mstr_cancel_free(mstr_cancel *cancel)
{
    if (cancel != NULL) {
        if (cancel->both >= 0) {
            close(cancel->both);
        }
        close(cancel->descriptor);
        free(cancel);
    }
}

/* Async-signal-safe: a lock-free store and write(2), errno kept. */
void mstr_cancel_now(mstr_cancel *cancel)
{
    static const uint64_t one = 1;
    int saved = errno;
    atomic_store(&cancel->set, true);
    /* The write fails only once the counter is full, and then the descriptor is readable already. */
    ssize_t written = write(cancel->descriptor, &one, sizeof(one));
    (void)written;
    errno = saved;
}

int cancel_descriptor(const mstr_cancel *cancel)
{
    return cancel == NULL ? -1 : cancel->other != NULL ? cancel->both : cancel->descriptor;
}

bool cancel_is_set(const mstr_cancel *cancel)
{
    return cancel != NULL &&
           (atomic_load_explicit(&cancel->set, memory_order_acquire) || cancel_is_set(cancel->other));
}

static bool watch(mstr_cancel *cancel, int descriptor)
{
    struct epoll_event readable = {.events = EPOLLIN};
    return epoll_ctl(cancel->both, EPOLL_CTL_ADD, descriptor, &readable) == 0;
}

bool cancel_follow(mstr_cancel *cancel, const mstr_cancel *other)
{
    uint64_t count = 0;
    if (cancel->other != NULL) {
        epoll_ctl(cancel->both, EPOLL_CTL_DEL, cancel_descriptor(cancel->other), NULL);
        cancel->other = NULL;
    }
    if (atomic_exchange(&cancel->set, false)) {
        ssize_t got = read(cancel->descriptor, &count, sizeof(count)); /* so that it is not readable any more */
        (void)got;
    }
    if (other == NULL) {
        return true;
    }
    if (cancel->both < 0) {
        cancel->both = epoll_create1(EPOLL_CLOEXEC);
        if (cancel->both < 0 || !watch(cancel, cancel->descriptor)) {
            return false;
        }
    }
    if (watch(cancel, cancel_descriptor(other))) {
        cancel->other = other;
    }
    return cancel->other != NULL;
}

struct limits limits_of(const mstr_call_options *options)
{
    static const int64_t most = INT64_MAX / 4;
    int64_t timeout = options != NULL && options->timeout > 0 ? options->timeout : DEFAULT_TIMEOUT;
    return (struct limits){
        .deadline = clock_monotonic() + (timeout < most ? timeout : most),
        .cancel = options != NULL ? options->cancel : NULL,
    };
}

mstr_call_options limits_call(const struct limits *limits)
{
    mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    if (limits->deadline != INT64_MAX) {
        int64_t left = limits_remaining(limits);
        call.timeout = left > 0 ? left : 1;
    }
    call.cancel = limits->cancel;
    return call;
}

int64_t limits_remaining(const struct limits *limits)
{
    int64_t left = limits->deadline - clock_monotonic();
    return left > 0 ? left : 0;
}

bool limits_cancelled(const struct limits *limits)
{
    return cancel_is_set(limits->cancel);
}

static struct patience patience_of(const struct limits *limits)
{
    return (struct patience){.left = limits_remaining(limits),
                             .cancellable = limits->cancel != NULL,
                             .cancelled = limits_cancelled(limits)};
}

enum mstr_code limits_check(const struct limits *limits)
{
    return patience_check(patience_of(limits));
}

enum mstr_code limits_sleep(const struct limits *limits, int64_t milliseconds)
{
    void (*replaced)(int64_t) = clock_sleep();
    struct pollfd waker = {.fd = cancel_descriptor(limits->cancel), .events = POLLIN};
    if (limits_cancelled(limits)) {
        return MSTR_E_CANCELLED;
    }
    if (milliseconds >= limits_remaining(limits)) {
        return MSTR_E_TIMEOUT;
    }
    if (replaced != NULL) {
        replaced(milliseconds);
        return limits_check(limits);
    }
    int64_t end = clock_monotonic() + milliseconds;
    for (int64_t left = milliseconds; left > 0; left = end - clock_monotonic()) {
        poll(&waker, waker.fd >= 0 ? 1 : 0, left < INT32_MAX ? (int)left : INT32_MAX);
        if (limits_cancelled(limits)) {
            return MSTR_E_CANCELLED;
        }
    }
    return MSTR_OK;
}

static enum mstr_code await(int descriptor, short events, const struct limits *limits)
{
    struct pollfd waited[] = {{.fd = descriptor, .events = events},
                              {.fd = cancel_descriptor(limits->cancel), .events = POLLIN}};
    for (;;) {
        enum mstr_code code = limits_check(limits);
        int64_t left = limits_remaining(limits);
        bool failed = code == MSTR_OK && poll(waited, 2, left < INT32_MAX ? (int)left : INT32_MAX) < 0;
        if (code != MSTR_OK || waited[0].revents != 0 || (failed && errno != EINTR)) {
            return code;
        }
    }
}

enum mstr_code limits_await(int descriptor, const struct limits *limits)
{
    return await(descriptor, POLLIN, limits);
}

enum mstr_code limits_await_room(int descriptor, const struct limits *limits)
{
    return await(descriptor, POLLOUT, limits);
}

enum mstr_code limits_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct limits *limits)
{
    return condition_wait(condition, mutex, patience_of(limits));
}
