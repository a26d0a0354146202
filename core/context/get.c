/* SPDX-License-Identifier: Apache-2.0 */
/* Values of references, as programs ask for them, and forgetting them. */
#include "context/context.h"

#include "base/given.h"
#include "resolve/cache_hot.h"

#include <stdlib.h>

static bool wants_refresh(const mstr_call_options *options)
{
    return options != NULL && (options->flags & MSTR_CALL_NO_CACHE) != 0;
}

/* The long way: through the reference's parts to the cache and the provider. */
static enum mstr_code find_one(mstr_context *context, const char *text, bool refresh, const struct limits *limits,
                               struct lookup *lookup)
{
    struct reference *reference = NULL;
    enum mstr_code code = reference_parse(text, &reference, lookup->error);
    if (code != MSTR_OK) {
        error_set_reference(lookup->error, text);
        return code;
    }
    lookup->reference = reference;
    resolver_run(context_resolver(context), lookup, 1, refresh, limits);
    reference_free(reference);
    return lookup->code;
}

enum mstr_code mstr_context_get(mstr_context *context, const char *reference, const mstr_call_options *options,
                                mstr_secret **out, mstr_error *error)
{
    struct cache_hot *hot = context_cache_hot(context);
    *out = NULL;
    if (given_call(options, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    bool refresh = wants_refresh(options);
    *out = refresh || reference == NULL ? NULL : cache_hot_get(hot, reference);
    if (*out != NULL) {
        return MSTR_OK;
    }
    uint64_t generation = cache_hot_generation(hot);
    const struct limits limits = limits_of(options);
    struct lookup lookup = {.error = error};
    enum mstr_code code = find_one(context, reference, refresh, &limits, &lookup);
    *out = lookup.secret;
    if (code == MSTR_OK && lookup.fresh_until != 0) {
        cache_hot_put(hot, reference, lookup.secret, lookup.fresh_until, generation);
    }
    return code;
}

/* The element of the program's array, whose elements may be longer than ours. */
static mstr_lookup *lookup_at(mstr_lookup *lookups, size_t size, size_t index)
{
    return (mstr_lookup *)(void *)((char *)lookups + index * size);
}

enum mstr_code mstr_context_get_many(mstr_context *context, mstr_lookup *lookups, size_t count, size_t size,
                                     const mstr_call_options *options)
{
    if (size < sizeof(mstr_lookup) || (lookups == NULL && count > 0) || given_call(options, NULL) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    const struct limits limits = limits_of(options);
    struct reference **references = calloc(count + 1, sizeof(struct reference *));
    struct lookup *inner = calloc(count + 1, sizeof(*inner));
    enum mstr_code first = MSTR_OK;
    size_t good = 0;
    for (size_t i = 0; i < count; i++) {
        mstr_lookup *lookup = lookup_at(lookups, size, i);
        lookup->secret = NULL;
        if (references == NULL || inner == NULL) {
            lookup->code = error_set(lookup->error, MSTR_E_MEMORY, "out of memory");
            continue;
        }
        lookup->code = reference_parse(lookup->reference, &references[i], lookup->error);
        if (lookup->code == MSTR_OK) {
            inner[good++] = (struct lookup){.reference = references[i], .error = lookup->error};
        } else {
            error_set_reference(lookup->error, lookup->reference);
        }
    }
    if (good > 0) {
        resolver_run(context_resolver(context), inner, good, wants_refresh(options), &limits);
    }
    good = 0;
    for (size_t i = 0; i < count; i++) {
        mstr_lookup *lookup = lookup_at(lookups, size, i);
        if (lookup->code == MSTR_OK) {
            lookup->secret = inner[good].secret;
            lookup->code = inner[good++].code;
        }
        first = first == MSTR_OK ? lookup->code : first;
        if (references != NULL) {
            reference_free(references[i]);
        }
    }
    free(inner);
    free(references);
    return first;
}

static void invalidate_all(struct instance *instance, void *data)
{
    (void)data;
    instance_invalidate(instance, NULL);
}

/* MSTR_E_MEMORY where it cannot be found out what is to be forgotten. */
static enum mstr_code invalidate_one(mstr_context *context, const char *text)
{
    struct reference *reference = NULL;
    struct instance *instance = NULL;
    enum mstr_code code = reference_parse(text, &reference, NULL);
    if (code == MSTR_OK) {
        cache_invalidate(context_resolver(context)->cache, reference->key);
        context_forget_at_agent(context, reference);
        context_forget_in_fleet(context, reference);
        code = registry_find(context_registry(context), reference->parts.scheme, &instance, NULL);
    }
    if (code == MSTR_OK) {
        instance_invalidate(instance, reference);
    }
    reference_free(reference);
    return code;
}

void mstr_context_invalidate(mstr_context *context, const char *reference)
{
    if (reference == NULL || invalidate_one(context, reference) == MSTR_E_MEMORY) {
        cache_invalidate(context_resolver(context)->cache, NULL);
        context_forget_in_fleet(context, NULL);
        registry_visit_instances(context_registry(context), invalidate_all, NULL);
    }
}
