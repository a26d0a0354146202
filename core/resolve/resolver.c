/* SPDX-License-Identifier: Apache-2.0 */
/* From references to values. */
#include "resolve/resolver.h"

#include "base/flight.h"
#include "secret/field.h"

#include <stdlib.h>

/* A lookup on its way. */
struct task {
    struct lookup *lookup;
    struct cache_claim claim;
    bool settled;
};

/* One run: all its lookups, and those of them that this caller has to fetch. */
struct run {
    const struct resolver *resolver;
    struct task *tasks;
    size_t count;
    struct task **mine;
    const struct reference **references; /* of `mine` */
    size_t mine_count;
    bool refresh;
    const struct limits *limits;
};

/* Hands one outcome to the cache, to all who wait for it, and to the lookup. */
static void publish(void *data, size_t index, const struct fetched *fetched)
{
    const struct run *run = data;
    struct task *task = run->mine[index];
    const struct cache_result result = {
        .secret = fetched->secret,
        .keep = fetched->keep,
        .gave_up = flight_gave_up(fetched->code, limits_check(run->limits)),
        .code = fetched->code,
        .error = fetched->error,
        .fresh_for = fetched->fresh_for,
        .fresh_only = fetched->fresh_only,
    };
    cache_publish(run->resolver->cache, &task->claim, &result, task->lookup->error);
}

static void tell_failure(const struct lookup *lookup)
{
    reference_tell(lookup->reference, lookup->error);
    if (mstr_error_provider(lookup->error) == NULL) {
        error_set_provider(lookup->error, lookup->reference->parts.scheme);
    }
}

/* Nobody is asked for a secret whose field no secret has. */
static void begin(struct task *task, struct lookup *lookup)
{
    const char *field = lookup->reference->field;
    task->lookup = lookup;
    lookup->code = field != NULL ? field_check(field, lookup->error) : MSTR_OK;
    task->settled = lookup->code != MSTR_OK;
    if (task->settled) {
        tell_failure(lookup);
    }
}

/* The claim's value, or the field of it, becomes the lookup's. */
static void settle(struct task *task)
{
    struct lookup *lookup = task->lookup;
    struct cache_claim *claim = &task->claim;
    const struct reference *reference = lookup->reference;
    task->settled = true;
    lookup->code = claim->code;
    lookup->fresh_until = claim->fresh_until;
    if (claim->answer == CACHE_VALUE && reference->field != NULL) {
        lookup->code = field_select(claim->secret, reference->field, &lookup->secret, lookup->error);
        mstr_secret_release(claim->secret);
    } else if (claim->answer == CACHE_VALUE) {
        lookup->secret = claim->secret;
    }
    claim->secret = NULL;
    if (lookup->code != MSTR_OK) {
        tell_failure(lookup);
    }
}

static void claim_all(struct run *run)
{
    run->mine_count = 0;
    for (size_t i = 0; i < run->count; i++) {
        struct task *task = &run->tasks[i];
        if (task->settled) {
            continue;
        }
        const struct reference *reference = task->lookup->reference;
        cache_claim(run->resolver->cache, reference->key, run->refresh, &task->claim, task->lookup->error);
        if (task->claim.answer == CACHE_FETCH) {
            run->references[run->mine_count] = reference;
            run->mine[run->mine_count++] = task;
        }
    }
}

/* One pass: claims, fetches what is this caller's to fetch, waits for what others fetch. True if all is settled. */
static bool pass(struct run *run)
{
    struct fetch *fetch = run->resolver->fetch;
    bool settled = true;
    claim_all(run);
    if (run->mine_count > 0) {
        fetch->run(fetch,
                   &(struct fetch_order){run->references, run->mine_count, run->refresh, run->limits, publish, run});
    }
    for (size_t i = 0; i < run->count; i++) {
        struct task *task = &run->tasks[i];
        if (task->settled) {
            continue;
        }
        if (task->claim.answer == CACHE_WAIT) {
            cache_wait(run->resolver->cache, &task->claim, run->limits, task->lookup->error);
        }
        if (task->claim.answer == CACHE_AGAIN) {
            settled = false;
        } else {
            settle(task);
        }
    }
    return settled;
}

void resolver_run(const struct resolver *resolver, struct lookup *lookups, size_t count, bool refresh,
                  const struct limits *limits)
{
    struct run run = {.resolver = resolver, .count = count, .refresh = refresh, .limits = limits};
    run.tasks = calloc(count, sizeof(*run.tasks));
    run.mine = calloc(count, sizeof(struct task *));
    run.references = calloc(count, sizeof(const struct reference *));
    bool memory = run.tasks != NULL && run.mine != NULL && run.references != NULL;
    for (size_t i = 0; i < count; i++) {
        lookups[i].secret = NULL;
        if (memory) {
            begin(&run.tasks[i], &lookups[i]);
        } else {
            lookups[i].code = error_set(lookups[i].error, MSTR_E_MEMORY, "out of memory");
        }
    }
    while (memory && !pass(&run)) {
        /* a fetcher gave up for reasons of its own: whoever still has time takes over */
    }
    free(run.references);
    free(run.mine);
    free(run.tasks);
}

/* How the references of templates are looked up. */
struct way {
    const struct resolver *resolver;
    bool refresh;
    const struct limits *limits;
};

static void look_up(void *data, struct lookup *lookups, size_t count)
{
    const struct way *way = data;
    resolver_run(way->resolver, lookups, count, way->refresh, way->limits);
}

void resolver_evaluate(const struct resolver *resolver, struct evaluation *evaluations, size_t count, bool refresh,
                       const struct limits *limits)
{
    struct way way = {resolver, refresh, limits};
    template_evaluate(evaluations, count, look_up, &way);
}
