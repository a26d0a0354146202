/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Condition variables on the monotonic clock, which no change of the system's time can make wait longer. Stateless;
 * part of the helpers that plugins compile in, so each caller says by its own clock how long it will wait.
 */
#ifndef MSTR_BASE_CONDITION_H
#define MSTR_BASE_CONDITION_H

#include <mstr/provider.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* What bounds a waiter, as it is just now. */
struct patience {
    int64_t left; /* ms of its time */
    bool cancellable;
    bool cancelled;
};

/* MSTR_OK, MSTR_E_CANCELLED or MSTR_E_TIMEOUT: whether it is at its end. */
enum mstr_code patience_check(struct patience patience);
/* False without resources. To be destroyed with pthread_cond_destroy(). */
bool condition_init(pthread_cond_t *condition);
/* Waits until it is signalled, or wakes up by itself; the caller tests its predicate in a loop, and tells its
 * patience anew. MSTR_E_CANCELLED or MSTR_E_TIMEOUT without a wait once that is at its end. `mutex` is held before
 * and after. */
enum mstr_code condition_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, struct patience patience);

#endif
