/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The entries of a cache in memory: found by key, and each in one of three lists by use, so that what has to give way
 * is found at once, however many there are. Not thread-safe: whoever owns them has a lock.
 */
#ifndef MSTR_RESOLVE_CACHE_ENTRIES_H
#define MSTR_RESOLVE_CACHE_ENTRIES_H

#include "resolve/cache.h"

enum { CACHE_BUCKETS = 1024 };

/* What is being fetched never gives way. Of the others, secrets and what is remembered as missing do so apart, since
 * of what is not there anybody can name without end. */
enum cache_use { CACHE_USE_SECRET = 0, CACHE_USE_MISSING = 1, CACHE_USE_FETCHED = 2, CACHE_USES = 3 };

struct cache_entry {
    struct cache_entry *next;  /* in its bucket */
    struct cache_entry *newer; /* by use */
    struct cache_entry *older;
    enum cache_use use;
    char *key;
    struct shared_fetch *fetch; /* NULL when nobody fetches */
    mstr_secret *secret;        /* NULL when none is held */
    bool fresh_only;            /* the value never serves once it is not */
    int64_t fresh_until;        /* monotonic, as all times here */
    int64_t retry_at;           /* after a failed refresh; the old value serves until then */
    int64_t retry_delay;
    int64_t missing_until; /* the store said "not found" */
    mstr_error *missing;
};

/* Begin with zeros. */
struct cache_entries {
    struct cache_entry *buckets[CACHE_BUCKETS];
    struct cache_use_list {
        struct cache_entry *newest;
        struct cache_entry *oldest;
        size_t count;
    } lists[CACHE_USES];
};

struct cache_entry *cache_entries_find(const struct cache_entries *entries, const char *key);
/* The one of this key, or a new one; NULL without memory. */
struct cache_entry *cache_entries_add(struct cache_entries *entries, const char *key);
/* Its use is the latest; it goes to the list where it belongs by what it holds now. */
void cache_entries_touch(struct cache_entries *entries, struct cache_entry *entry);
/* Takes it out and frees it, and what is remembered as missing; its secret and fetch are the caller's affair. */
void cache_entries_drop(struct cache_entries *entries, struct cache_entry *entry);
/* The one that gives way where more than `most` of a use are held; NULL where none has to. */
struct cache_entry *cache_entries_excess(const struct cache_entries *entries, size_t most);
/* All of them, one after another: NULL to begin with. The one at hand may be dropped once the next is known. */
struct cache_entry *cache_entries_next(const struct cache_entries *entries, const struct cache_entry *entry);

#endif
