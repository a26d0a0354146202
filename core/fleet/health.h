/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether the store is worth a question: after a failure not for 5 s, after each further one for twice as long, each
 * time up to a quarter longer by chance, so that not all workers come back at once, and never more than 60 s; and not
 * for 10 min once more than three records within a minute turned out to be somebody's forgery. Pure: time and chance
 * are given. Not thread-safe.
 */
#ifndef MSTR_FLEET_HEALTH_H
#define MSTR_FLEET_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

enum { FLEET_FORGERIES = 3 };

/* Where random numbers come from: uniform in [0, bound). */
struct fleet_chance {
    uint64_t (*below)(void *data, uint64_t bound);
    void *data;
};

struct fleet_health {
    unsigned failures;                  /* in a row */
    int64_t closed_until;               /* ms of the clock that all calls are given; 0 = it is asked */
    int64_t forgeries[FLEET_FORGERIES]; /* when they were met, the latest first */
    bool alarmed;                       /* too many: to be told */
};

bool fleet_health_usable(const struct fleet_health *health, int64_t now);
/* ms until it is, 0 where it is. */
int64_t fleet_health_wait(const struct fleet_health *health, int64_t now);
/* True where it failed for the first time since it was good: to be told once. */
bool fleet_health_failed(struct fleet_health *health, int64_t now, const struct fleet_chance *chance);
/* True where it had failed before. */
bool fleet_health_good(struct fleet_health *health);
/* True where that was one too many. */
bool fleet_health_forged(struct fleet_health *health, int64_t now);

#endif
