/*
 * From references to values: cache first, then the providers, each asked once for all that it has to give, providers
 * side by side, fields selected last. Thread-safe; holds no lock while a provider works.
 */
#ifndef MSTR_RESOLVE_RESOLVER_H
#define MSTR_RESOLVE_RESOLVER_H

#include "plugin/registry.h"
#include "reference/reference.h"
#include "resolve/cache.h"

struct lookup {
    const struct reference *reference;
    mstr_error *error;   /* where to tell a failure; NULL = nowhere */
    mstr_secret *secret; /* out: the field or the whole; to be released by the caller */
    enum mstr_code code; /* out */
    int64_t fresh_until; /* out: how long the cache holds it for fresh, clock_monotonic() ms; 0 = not at all */
    /* for the resolver's own use */
    struct cache_claim claim;
    bool settled;
};

/* Fills in every lookup. `refresh` passes over the cache. */
void resolver_run(mstr_context *context, struct cache *cache, struct registry *registry, struct lookup *lookups,
                  size_t count, bool refresh, const struct limits *limits);

#endif
