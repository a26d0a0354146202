/*
 * The secrets that a context holds, one entry for each secret and version whatever the field, and who is fetching
 * which.
 *
 * A caller claims a key and is told to use a value, to take a remembered failure, to wait for somebody who is
 * fetching, or to fetch and publish. A value is fresh for the time to live (with jitter, so that a fleet does not
 * refresh in step) or until the store's own expiry. After that the first caller refreshes while others go on with the
 * old value; when the store fails for a passing reason, the old value serves on for `stale_if_error`. Not-found is
 * remembered for `negative_ttl`. The least recently used entries give way beyond `max_entries`.
 *
 * Thread-safe. The lock is held for look-ups only, never while somebody fetches or waits.
 */
#ifndef MSTR_RESOLVE_CACHE_H
#define MSTR_RESOLVE_CACHE_H

#include "base/error.h"
#include "base/limits.h"

#include <mstr/context.h>
#include <stdbool.h>
#include <stdint.h>

struct cache;

struct cache_settings {
    int64_t ttl; /* ms; 0 = keep nothing */
    int64_t stale_if_error;
    int64_t negative_ttl;
    size_t max_entries;
};
/* The settings when nothing is configured. */
extern const struct cache_settings cache_defaults;

struct cache *cache_new(const struct cache_settings *settings);
/* No claim may be open. Wipes everything; NULL is accepted. */
void cache_free(struct cache *cache);

enum cache_answer {
    CACHE_VALUE,  /* claim.secret is the caller's */
    CACHE_FAILED, /* claim.code, and the error is told */
    CACHE_WAIT,   /* call cache_wait() */
    CACHE_FETCH,  /* fetch, then call cache_publish() whatever happened */
    CACHE_AGAIN   /* after a wait: whoever was fetching gave up for reasons of its own; claim again */
};

struct cache_claim {
    enum cache_answer answer;
    enum mstr_code code;
    mstr_secret *secret;
    int64_t fresh_until;   /* of a fresh CACHE_VALUE, clock_monotonic() ms; else 0 */
    struct flight *flight; /* between CACHE_WAIT or CACHE_FETCH and the call that must follow */
};

/* Values that were found a moment ago by the text of a whole reference; emptied whenever the cache gives one up. */
struct cache_hot *cache_front(struct cache *cache);

/* `refresh` passes over what is held, but joins a fetch that is under way. */
void cache_claim(struct cache *cache, const char *key, bool refresh, struct cache_claim *claim, mstr_error *error);
/* Ends in CACHE_VALUE, CACHE_FAILED (also when the waiter's limits are reached) or CACHE_AGAIN. */
void cache_wait(struct cache *cache, struct cache_claim *claim, const struct limits *limits, mstr_error *error);

/* What a fetch gave. */
struct cache_result {
    mstr_secret *secret; /* borrowed; NULL for a failure */
    bool keep;           /* false: the store or provider forbids keeping it */
    bool gave_up;        /* the fetcher's own deadline or cancellation ended it */
    enum mstr_code code;
    const mstr_error *error;
};
/* Tells all waiters, and turns the claim into the caller's own answer: CACHE_VALUE (a stale one where the failure is
 * a passing one) or CACHE_FAILED. */
void cache_publish(struct cache *cache, struct cache_claim *claim, const struct cache_result *result,
                   mstr_error *error);

/* Forgets one key, or everything when it is NULL. A fetch that is under way then keeps nothing. */
void cache_invalidate(struct cache *cache, const char *key);
void cache_stats(struct cache *cache, mstr_context_stats *stats);

#endif
