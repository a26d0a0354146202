/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where secrets are held between their uses, and who is fetching which. An interface: a cache is a structure that
 * begins with this one. cache_memory.h is the one of a context.
 *
 * A caller claims a key and is told to use a value, to take a remembered failure, to wait for somebody who is
 * fetching, or to fetch and publish. The outcome of a fetch reaches all who waited for it, whatever becomes of the
 * entry. Implementations are thread-safe, and hold no lock while anybody fetches or waits.
 */
#ifndef MSTR_RESOLVE_CACHE_H
#define MSTR_RESOLVE_CACHE_H

#include "base/error.h"
#include "base/limits.h"

#include <mstr/context.h>
#include <stdbool.h>
#include <stdint.h>

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
    int64_t fresh_until; /* of a fresh CACHE_VALUE, clock_monotonic() ms; else 0 */
    void *fetch;         /* the cache's own, between CACHE_WAIT or CACHE_FETCH and the call that must follow */
};

/* What a fetch gave. */
struct cache_result {
    mstr_secret *secret; /* borrowed; NULL for a failure */
    bool keep;           /* false: the store or provider forbids keeping it */
    bool gave_up;        /* the fetcher's own deadline or cancellation ended it */
    enum mstr_code code;
    const mstr_error *error;
    int64_t fresh_for; /* ms for which the secret may be held for fresh at most; 0 = as long as the cache likes */
    bool fresh_only;   /* it never serves once it is not fresh */
};

struct cache {
    const struct cache_operations *operations;
};

struct cache_operations {
    void (*claim)(struct cache *cache, const char *key, bool refresh, struct cache_claim *claim, mstr_error *error);
    void (*wait)(struct cache *cache, struct cache_claim *claim, const struct limits *limits, mstr_error *error);
    void (*publish)(struct cache *cache, struct cache_claim *claim, const struct cache_result *result,
                    mstr_error *error);
    void (*invalidate)(struct cache *cache, const char *key);
};

/* `refresh` passes over what is held, but joins a fetch that is under way. */
static inline void cache_claim(struct cache *cache, const char *key, bool refresh, struct cache_claim *claim,
                               mstr_error *error)
{
    cache->operations->claim(cache, key, refresh, claim, error);
}

/* Ends in CACHE_VALUE, CACHE_FAILED (also when the waiter's limits are reached) or CACHE_AGAIN. */
static inline void cache_wait(struct cache *cache, struct cache_claim *claim, const struct limits *limits,
                              mstr_error *error)
{
    cache->operations->wait(cache, claim, limits, error);
}

/* Tells all waiters, and turns the claim into the caller's own answer: CACHE_VALUE (a stale one where the failure is
 * a passing one) or CACHE_FAILED. */
static inline void cache_publish(struct cache *cache, struct cache_claim *claim, const struct cache_result *result,
                                 mstr_error *error)
{
    cache->operations->publish(cache, claim, result, error);
}

/* Forgets one key, or everything when it is NULL. A fetch that is under way then keeps nothing. */
static inline void cache_invalidate(struct cache *cache, const char *key)
{
    cache->operations->invalidate(cache, key);
}

#endif
