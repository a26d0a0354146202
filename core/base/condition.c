/* Waiting for another thread on terms of a deadline and a cancellation. */
#include "base/condition.h"

#include <time.h>

/* A condition variable cannot be woken through a descriptor, so a wait that may be cancelled looks up this often, ms.
 * It is half of what a cancellation may take. */
enum { CANCEL_SLICE = 25 };

/* No wait is longer, ms, so that a clock that tests replaced is looked at again. */
enum { LONGEST_SLICE = 1000 };

bool condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    if (pthread_condattr_init(&attributes) != 0) {
        return false;
    }
    bool good = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
                pthread_cond_init(condition, &attributes) == 0;
    pthread_condattr_destroy(&attributes);
    return good;
}

enum mstr_code condition_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct limits *limits)
{
    enum mstr_code code = limits_check(limits);
    if (code != MSTR_OK) {
        return code;
    }
    int64_t slice = limits_remaining(limits);
    int64_t longest = limits->cancel != NULL ? CANCEL_SLICE : LONGEST_SLICE;
    slice = slice < longest ? slice : longest;
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)(slice / 1000);
    until.tv_nsec += (long)(slice % 1000) * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    pthread_cond_timedwait(condition, mutex, &until);
    return MSTR_OK;
}

bool gate_init(struct gate *gate)
{
    gate->taken = false;
    if (pthread_mutex_init(&gate->mutex, NULL) != 0) {
        return false;
    }
    if (!condition_init(&gate->free)) {
        pthread_mutex_destroy(&gate->mutex);
        return false;
    }
    return true;
}

void gate_destroy(struct gate *gate)
{
    pthread_cond_destroy(&gate->free);
    pthread_mutex_destroy(&gate->mutex);
}

enum mstr_code gate_enter(struct gate *gate, const struct limits *limits)
{
    enum mstr_code code = MSTR_OK;
    pthread_mutex_lock(&gate->mutex);
    while (gate->taken && code == MSTR_OK) {
        code = condition_wait(&gate->free, &gate->mutex, limits);
    }
    if (!gate->taken) {
        gate->taken = true;
        code = MSTR_OK;
    }
    pthread_mutex_unlock(&gate->mutex);
    return code;
}

void gate_leave(struct gate *gate)
{
    pthread_mutex_lock(&gate->mutex);
    gate->taken = false;
    pthread_cond_signal(&gate->free);
    pthread_mutex_unlock(&gate->mutex);
}
