/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts the locks that code gives back without having taken them. For programs that are linked with
 * -Wl,--wrap=pthread_mutex_lock,--wrap=pthread_mutex_unlock; what the C library does for itself does not count.
 */
#ifndef MSTR_TESTS_SUPPORT_PAIRED_LOCKS_H
#define MSTR_TESTS_SUPPORT_PAIRED_LOCKS_H

#include <pthread.h>
#include <stdatomic.h>

static atomic_int locks_not_taken;      /* but given back */
static _Thread_local int locks_in_hand; /* of this thread */

int __real_pthread_mutex_lock(pthread_mutex_t *lock);
int __wrap_pthread_mutex_lock(pthread_mutex_t *lock);
int __real_pthread_mutex_unlock(pthread_mutex_t *lock);
int __wrap_pthread_mutex_unlock(pthread_mutex_t *lock);

int __wrap_pthread_mutex_lock(pthread_mutex_t *lock)
{
    int failure = __real_pthread_mutex_lock(lock);
    locks_in_hand += failure == 0;
    return failure;
}

int __wrap_pthread_mutex_unlock(pthread_mutex_t *lock)
{
    locks_not_taken += locks_in_hand == 0;
    locks_in_hand -= locks_in_hand > 0;
    return __real_pthread_mutex_unlock(lock);
}

#endif
