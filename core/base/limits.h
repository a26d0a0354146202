/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What bounds an operation: a deadline and a way to stop it from outside. Waiters register a wake-up so that a
 * cancellation reaches them at once, whatever they wait on.
 */
#ifndef MSTR_BASE_LIMITS_H
#define MSTR_BASE_LIMITS_H

#include <mstr/context.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct limits {
    int64_t deadline;    /* clock_monotonic() ms; INT64_MAX = none */
    mstr_cancel *cancel; /* NULL = cannot be cancelled */
};

/* Limits for a public call: its timeout (30 s when options is NULL or zero) from now, and its cancel. */
struct limits limits_of(const mstr_call_options *options);
/* The other way round: options with what is left of the limits, for a public call. */
mstr_call_options limits_call(const struct limits *limits);
/* ms left, 0 when past. */
int64_t limits_remaining(const struct limits *limits);
bool limits_cancelled(const struct limits *limits);
/* MSTR_OK, MSTR_E_CANCELLED or MSTR_E_TIMEOUT. */
enum mstr_code limits_check(const struct limits *limits);
/* Sleeps in a way that cancellation ends; MSTR_E_TIMEOUT at once if the deadline would end first. */
enum mstr_code limits_sleep(const struct limits *limits, int64_t milliseconds);
/* Waits until the descriptor can be read, if only to its end or to a failure. MSTR_OK, MSTR_E_TIMEOUT or
 * MSTR_E_CANCELLED, these also where it can be read. */
enum mstr_code limits_await(int descriptor, const struct limits *limits);
/* The same until it can be written to. */
enum mstr_code limits_await_room(int descriptor, const struct limits *limits);
/* Waits until the condition, which condition_init() made, is signalled, or wakes up by itself; the caller tests its
 * predicate in a loop. MSTR_E_TIMEOUT or MSTR_E_CANCELLED once the limits are reached, also when they were before.
 * `mutex` is held before and after. */
enum mstr_code limits_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct limits *limits);

/* A pollable descriptor that becomes readable on cancellation, or -1 when `cancel` is NULL. Owned by the cancel. */
int cancel_descriptor(const mstr_cancel *cancel);
bool cancel_is_set(const mstr_cancel *cancel);
/* Makes it a blank one again, which is set too once `other` is; with NULL it follows nobody any more. For whoever
 * runs one operation after another with it: none may be under way, and `other` is not freed before the next call.
 * False without resources; it follows nobody then. */
bool cancel_follow(mstr_cancel *cancel, const mstr_cancel *other);

#endif
