/*
 * Condition variables on the monotonic clock, which no change of the system's time can make wait longer. Stateless;
 * part of the helpers that plugins compile in.
 */
#ifndef MSTR_BASE_CONDITION_H
#define MSTR_BASE_CONDITION_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* False without resources. To be destroyed with pthread_cond_destroy(). */
bool condition_init(pthread_cond_t *condition);
/* Waits until it is signalled, for `milliseconds` at most; it may also wake up by itself, so that the caller tests
 * its predicate in a loop. `mutex` is held before and after. */
void condition_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t milliseconds);

#endif
