/* Deadlines and cancellation. */
#include "base/limits.h"

#include "base/clock.h"
#include "base/condition.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { DEFAULT_TIMEOUT = 30 * 1000 };

/* A condition variable cannot be woken through a descriptor, so a wait that may be cancelled looks up this often, ms.
 * It is half of what a cancellation may take. */
enum { CANCEL_SLICE = 25 };

/* No wait is longer, ms, so that a clock that tests replaced is looked at again. */
enum { LONGEST_SLICE = 1000 };

struct mstr_cancel {
    atomic_bool set;
    int descriptor; /* an eventfd: readable from the cancellation on, never read */
};

mstr_cancel *mstr_cancel_new(void)
{
    mstr_cancel *cancel = calloc(1, sizeof(*cancel));
    if (cancel == NULL) {
        return NULL;
    }
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
    return cancel != NULL ? cancel->descriptor : -1;
}

bool cancel_is_set(const mstr_cancel *cancel)
{
    return cancel != NULL && atomic_load_explicit(&cancel->set, memory_order_acquire);
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

int64_t limits_remaining(const struct limits *limits)
{
    int64_t left = limits->deadline - clock_monotonic();
    return left > 0 ? left : 0;
}

bool limits_cancelled(const struct limits *limits)
{
    return cancel_is_set(limits->cancel);
}

enum mstr_code limits_check(const struct limits *limits)
{
    if (limits_cancelled(limits)) {
        return MSTR_E_CANCELLED;
    }
    return limits_remaining(limits) > 0 ? MSTR_OK : MSTR_E_TIMEOUT;
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

enum mstr_code limits_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct limits *limits)
{
    enum mstr_code code = limits_check(limits);
    if (code != MSTR_OK) {
        return code;
    }
    int64_t slice = limits_remaining(limits);
    int64_t longest = limits->cancel != NULL ? CANCEL_SLICE : LONGEST_SLICE;
    condition_wait(condition, mutex, slice < longest ? slice : longest);
    return MSTR_OK;
}
