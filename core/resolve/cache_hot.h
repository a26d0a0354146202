/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fast way to a value that was found a moment ago by the same reference text: no parsing, no look-up by key, and
 * nothing that two busy threads write to in turn.
 *
 * A cached value is wanted far more often than it changes, by many threads, and a shared counter of owners would make
 * them slower together than one is alone. So there are several stripes; a thread always uses the same one, and
 * each stripe holds views of its own, whose counters only its threads touch. Its lock is then never contended in
 * practice. It is a copy that may vanish at any time: whenever the cache gives up a value, all stripes are
 * emptied, so that nothing outlives what the cache holds. An entry serves for a second at most, so that the cache
 * behind it still sees which values are in use.
 *
 * Thread-safe. No function of it takes another lock.
 */
#ifndef MSTR_RESOLVE_CACHE_HOT_H
#define MSTR_RESOLVE_CACHE_HOT_H

#include <mstr/secret.h>
#include <stdint.h>

struct cache_hot;

struct cache_hot *cache_hot_new(void);
/* Wipes; NULL is accepted. */
void cache_hot_free(struct cache_hot *hot);

/* A value for the caller to release, or NULL. */
mstr_secret *cache_hot_get(struct cache_hot *hot, const char *reference);

/* To be taken before the value is looked up in the cache, and given to cache_hot_put(): a value that was given up in
 * between is not put. */
uint64_t cache_hot_generation(const struct cache_hot *hot);
/* Keeps a view of a value that is fresh until then, clock_monotonic() ms. */
void cache_hot_put(struct cache_hot *hot, const char *reference, mstr_secret *secret, int64_t fresh_until,
                   uint64_t generation);
/* Drops everything. */
void cache_hot_empty(struct cache_hot *hot);
/* How many values cache_hot_get() gave. */
uint64_t cache_hot_hits(const struct cache_hot *hot);

#endif
