/* SPDX-License-Identifier: Apache-2.0 */
/* Condition variables on the monotonic clock. */
#include "base/condition.h"

#include <time.h>

/* A cancellation does not signal a condition, so a wait that may be cancelled looks up this often, ms. It is half of
 * what a cancellation may take. */
enum { CANCEL_SLICE = 25 };

/* No wait is longer, ms, so that a clock that tests replaced is looked at again. */
enum { LONGEST_SLICE = 1000 };

enum mstr_code patience_check(struct patience patience)
{
    if (patience.cancelled) {
        return MSTR_E_CANCELLED;
    }
    return patience.left > 0 ? MSTR_OK : MSTR_E_TIMEOUT;
}

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

static struct timespec from_now(int64_t milliseconds)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    time.tv_sec += (time_t)(milliseconds / 1000);
    time.tv_nsec += (long)(milliseconds % 1000) * 1000000L;
    if (time.tv_nsec >= 1000000000L) {
        time.tv_sec++;
        time.tv_nsec -= 1000000000L;
    }
    return time;
}

enum mstr_code condition_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, struct patience patience)
{
    const int64_t slice = patience.cancellable ? CANCEL_SLICE : LONGEST_SLICE;
    enum mstr_code code = patience_check(patience);
    if (code == MSTR_OK) {
        const struct timespec until = from_now(patience.left < slice ? patience.left : slice);
        pthread_cond_timedwait(condition, mutex, &until);
    }
    return code;
}
