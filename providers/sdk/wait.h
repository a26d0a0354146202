/*
 * Waiting for what another thread fetches, within the caller's own limits.
 */
#ifndef MSTR_PROVIDERS_SDK_WAIT_H
#define MSTR_PROVIDERS_SDK_WAIT_H

#include <mstr/provider.h>
#include <pthread.h>

/* Waits until the condition is signalled, or a little while: a cancellation does not signal it. The caller, who holds
 * the mutex, looks at its predicate in a loop. MSTR_E_TIMEOUT or MSTR_E_CANCELLED once the call's limits are reached;
 * `what` is waited for, in messages. */
enum mstr_code wait_a_little(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct mstr_call *call,
                             const char *what, struct mstr_error *error);

#endif
