/* Waiting for what another thread fetches. */
#include "sdk/wait.h"

#include "sdk/host.h"

#include <time.h>

enum { SLICE = 25 }; /* ms */

enum mstr_code wait_a_little(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct mstr_call *call,
                             const char *what, struct mstr_error *error)
{
    struct timespec until;
    if (host->cancelled(call)) {
        return host->error_set(error, MSTR_E_CANCELLED, "cancelled while waiting for %s", what);
    }
    if (host->remaining(call) == 0) {
        return host->error_set(error, MSTR_E_TIMEOUT, "the deadline ended while waiting for %s", what);
    }
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += (long)SLICE * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(condition, mutex, &until);
    return MSTR_OK;
}
