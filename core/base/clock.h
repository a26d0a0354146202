/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time and chance, in one place so that tests can put their own in. Times are ms. Thread-safe; the replacement is not
 * to be changed while other threads run.
 */
#ifndef MSTR_BASE_CLOCK_H
#define MSTR_BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Wall clock, since 1970. */
int64_t clock_now(void);
/* Never jumps; since some point in the past. */
int64_t clock_monotonic(void);
/* Unpredictable octets; false on failure. */
bool clock_random(void *octets, size_t length);
/* Uniform in [0, bound); 0 when bound is 0. */
uint64_t clock_random_below(uint64_t bound);

/* The replaced sleep, or NULL. */
void (*clock_sleep(void))(int64_t milliseconds);

struct clock_source {
    int64_t (*now)(void);
    int64_t (*monotonic)(void);
    bool (*random)(void *octets, size_t length);
    void (*sleep)(int64_t milliseconds); /* in place of waiting in limits_sleep(); moves the clock on */
};
/* For tests: members that are NULL keep the real thing; NULL restores all. */
void clock_replace(const struct clock_source *source);

#endif
