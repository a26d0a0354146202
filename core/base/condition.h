/*
 * Waiting for another thread without ever waiting past a deadline or a cancellation, and a gate that lets one caller
 * in at a time on those terms.
 */
#ifndef MSTR_BASE_CONDITION_H
#define MSTR_BASE_CONDITION_H

#include "base/limits.h"

#include <pthread.h>
#include <stdbool.h>

/* A condition variable on the monotonic clock; false without resources. */
bool condition_init(pthread_cond_t *condition);
/* Waits until it is signalled, or wakes up by itself; the caller tests its predicate in a loop. MSTR_E_TIMEOUT or
 * MSTR_E_CANCELLED once the limits are reached, also when they were before. `mutex` is held before and after. */
enum mstr_code condition_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct limits *limits);

struct gate {
    pthread_mutex_t mutex;
    pthread_cond_t free;
    bool taken;
};

bool gate_init(struct gate *gate);
void gate_destroy(struct gate *gate);
/* MSTR_OK when the caller is in and must leave; else what the limits say. */
enum mstr_code gate_enter(struct gate *gate, const struct limits *limits);
void gate_leave(struct gate *gate);

#endif
