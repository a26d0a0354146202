/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether code takes the lock that it gives back. The test holds the lock, which may be taken again by whoever has
 * it: code that only gives it back takes it away from the test.
 */
#ifndef MSTR_TESTS_SUPPORT_HELD_LOCK_H
#define MSTR_TESTS_SUPPORT_HELD_LOCK_H

#include "support/unit.h"

#include <pthread.h>

static inline void held_lock_take(pthread_mutex_t *lock)
{
    pthread_mutexattr_t kind;
    pthread_mutex_destroy(lock);
    pthread_mutexattr_init(&kind);
    pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_RECURSIVE);
    assert_int_equal(pthread_mutex_init(lock, &kind), 0);
    pthread_mutexattr_destroy(&kind);
    assert_int_equal(pthread_mutex_lock(lock), 0);
}

static inline void held_lock_release(pthread_mutex_t *lock)
{
    assert_int_equal(pthread_mutex_unlock(lock), 0);
}

#endif
