/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A place where so many threads wait for each other, by which a test proves that they run side by side. Whoever waits
 * in vain goes on after a while, and the test sees it from its own results.
 */
#ifndef MSTR_TESTS_SUPPORT_RENDEZVOUS_H
#define MSTR_TESTS_SUPPORT_RENDEZVOUS_H

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

enum { RENDEZVOUS_SECONDS = 20 };

struct rendezvous {
    pthread_mutex_t mutex;
    pthread_cond_t all_there;
    unsigned expected;
    unsigned there;
    bool missed; /* somebody waited in vain */
};

static inline void rendezvous_init(struct rendezvous *meeting, unsigned expected)
{
    pthread_mutex_init(&meeting->mutex, NULL);
    pthread_cond_init(&meeting->all_there, NULL);
    meeting->expected = expected;
    meeting->there = 0;
    meeting->missed = false;
}

static inline void rendezvous_destroy(struct rendezvous *meeting)
{
    pthread_cond_destroy(&meeting->all_there);
    pthread_mutex_destroy(&meeting->mutex);
}

static inline void rendezvous_meet(struct rendezvous *meeting)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += RENDEZVOUS_SECONDS;
    pthread_mutex_lock(&meeting->mutex);
    meeting->there++;
    pthread_cond_broadcast(&meeting->all_there);
    while (meeting->there < meeting->expected && !meeting->missed) {
        meeting->missed = pthread_cond_timedwait(&meeting->all_there, &meeting->mutex, &until) != 0;
    }
    pthread_mutex_unlock(&meeting->mutex);
}

#endif
