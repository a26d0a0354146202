/*
 * The fast way to a value that was found a moment ago by the same reference text: no parsing, no look-up by key, and
 * nothing that two busy threads write to in turn.
 *
 * A cached value is wanted far more often than it changes, by many threads, and a shared counter of owners would make
 * them slower together than one is alone. So the front has several stripes; a thread always uses the same one, and
 * each stripe holds views of its own, whose counters only its threads touch. Its lock is then never contended in
 * practice. The front is a copy that may vanish at any time: whenever the cache gives up a value, all stripes are
 * emptied, so that nothing outlives what the cache holds. An entry serves for a second at most, so that the cache
 * behind it still sees which values are in use.
 *
 * Thread-safe. No function of it takes another lock.
 */
#ifndef MSTR_PROVIDER_FRONT_H
#define MSTR_PROVIDER_FRONT_H

#include <mstr/secret.h>
#include <stdint.h>

struct front;

struct front *front_new(void);
/* Wipes; NULL is accepted. */
void front_free(struct front *front);

/* A value for the caller to release, or NULL. */
mstr_secret *front_get(struct front *front, const char *reference);

/* To be taken before the value is looked up in the cache, and given to front_put(): a value that was given up in
 * between is not put. */
uint64_t front_generation(const struct front *front);
/* Keeps a view of a value that is fresh until then, clock_monotonic() ms. */
void front_put(struct front *front, const char *reference, mstr_secret *secret, int64_t fresh_until,
               uint64_t generation);
/* Drops everything. */
void front_empty(struct front *front);
/* How many values front_get() gave. */
uint64_t front_hits(const struct front *front);

#endif
