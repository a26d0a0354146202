/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From references to values: the cache first, then whoever fetches what it lacks, fields selected last. Thread-safe;
 * holds no lock while anything is fetched.
 */
#ifndef MSTR_RESOLVE_RESOLVER_H
#define MSTR_RESOLVE_RESOLVER_H

#include "reference/evaluation.h"
#include "resolve/cache.h"
#include "resolve/fetch.h"

struct resolver {
    struct cache *cache;
    struct fetch *fetch;
};

/* Fills in every lookup. `refresh` passes over what the cache holds. */
void resolver_run(const struct resolver *resolver, struct lookup *lookups, size_t count, bool refresh,
                  const struct limits *limits);
/* The same for the references in templates (see template_evaluate()). */
void resolver_evaluate(const struct resolver *resolver, struct evaluation *evaluations, size_t count, bool refresh,
                       const struct limits *limits);

#endif
