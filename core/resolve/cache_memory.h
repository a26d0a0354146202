/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The secrets that a context holds, one entry for each secret and version whatever the field.
 *
 * A value is fresh for the time to live (with jitter, so that a fleet does not refresh in step) or until the store's
 * own expiry. After that the first caller refreshes while others go on with the old value; when the store fails for a
 * passing reason, the old value serves on for `stale_if_error`. Not-found is remembered for `negative_ttl`. The least
 * recently used values, and the names so remembered, give way beyond `max_entries` each. Thread-safe; the lock is
 * held for look-ups only.
 */
#ifndef MSTR_RESOLVE_CACHE_MEMORY_H
#define MSTR_RESOLVE_CACHE_MEMORY_H

#include "resolve/cache.h"
#include "resolve/cache_hot.h"

struct cache_settings {
    int64_t ttl; /* ms; 0 = keep nothing */
    int64_t stale_if_error;
    int64_t negative_ttl;
    size_t max_entries;
};

/* The settings when nothing is configured. */
extern const struct cache_settings cache_defaults;

/* `hot` holds copies of what this cache holds, and is emptied whenever it gives a value up; it must outlive the
 * cache. */
struct cache *cache_memory_new(const struct cache_settings *settings, struct cache_hot *hot);
/* No claim may be open. Wipes everything; NULL is accepted. */
void cache_memory_free(struct cache *cache);
/* Counts since it was made. */
void cache_memory_stats(struct cache *cache, mstr_context_stats *stats);

/* Answers a claim from what is held, as cache_claim() would; false, with nothing changed, if somebody has to
 * fetch. */
bool cache_memory_peek(struct cache *cache, const char *key, struct cache_claim *claim, mstr_error *error);
/* How long a value is fresh, clock_monotonic() ms; 0 where none is held. */
int64_t cache_memory_fresh_until(struct cache *cache, const char *key);
/* Forgets the keys of which `wanted` says so, which is called under the lock. */
void cache_memory_forget(struct cache *cache, bool (*wanted)(const char *key, void *data), void *data);
/* Takes over the values of another cache whose keys `wanted` names, but for keys that are held already: the fresh
 * ones, for no longer than this cache's own time to live, and those that may still serve when a store fails. */
void cache_memory_inherit(struct cache *to, struct cache *from, bool (*wanted)(const char *key, void *data),
                          void *data);

#endif
