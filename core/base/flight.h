/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Single flight: of many who want the same thing one fetches it, and the others wait for that. A flight tells whether
 * somebody is at it, how often one has landed and how the last one ended; what was fetched, and the story of a
 * failure, are its owner's. Stateless; part of the helpers that plugins compile in.
 *
 * The owner guards it, with what it keeps beside, by one mutex. Waiters wait for `landed` in parts, as
 * condition_wait() has them, each within its own limits; they look at busy or round between them, and nobody need
 * know of those who left.
 */
#ifndef MSTR_BASE_FLIGHT_H
#define MSTR_BASE_FLIGHT_H

#include <mstr/provider.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct flight {
    pthread_cond_t landed;  /* of condition_init() */
    bool busy;              /* somebody fetches */
    uint64_t round;         /* grows with each landing */
    enum mstr_code outcome; /* of the last one */
    bool gave_up;           /* it is the fetcher's own affair: whoever waited tries for himself */
};

/* False without resources. */
bool flight_init(struct flight *flight);
void flight_destroy(struct flight *flight);
/* The caller fetches, since it is not busy, and lands whatever happens. */
void flight_begin(struct flight *flight);
/* Wakes all who wait. */
void flight_land(struct flight *flight, enum mstr_code outcome, bool gave_up);

/* Which failures waiters do not share: those that came when the fetcher's own limits, of which `ended` tells, were
 * reached. But a refused identity is refused for all, lest each tries the same password again. */
bool flight_gave_up(enum mstr_code outcome, enum mstr_code ended);

#endif
