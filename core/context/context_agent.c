/* SPDX-License-Identifier: Apache-2.0 */
/* What the agent needs of a context beyond the public headers. */
#include "context/context_agent.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/text_list.h"
#include "context/context.h"
#include "plugin/fingerprint.h"
#include "plugin/prompt.h"
#include "reference/canonical.h"
#include "resolve/cache_memory.h"
#include "secret/field.h"
#include "secret/secret.h"

#include <stdlib.h>
#include <string.h>

static enum mstr_code fill(mstr_context *context, struct agent_reference *reference, const char *text,
                           mstr_error *error)
{
    struct instance *instance = NULL;
    struct registry *registry = context_registry(context);
    enum mstr_code code = reference_parse(text, &reference->reference, error);
    if (code != MSTR_OK) {
        return code;
    }
    const struct reference *inner = reference->reference;
    reference->scheme = inner->parts.scheme;
    reference->query = inner->parts.query;
    reference->query_count = inner->parts.query_count;
    reference->field = inner->field;
    reference->key = inner->key;
    reference->body = reference->owned = reference_canonical(inner->parts.body);
    reference->dotted = reference_has_dots(inner->parts.body);
    if (reference->body == NULL) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    code = registry_find(registry, reference->scheme, &instance, error);
    reference->local = code == MSTR_OK && registry_keeps_here(registry, instance);
    return code;
}

enum mstr_code agent_reference_read(mstr_context *context, const char *text, struct agent_reference **out,
                                    mstr_error *error)
{
    struct agent_reference *reference = calloc(1, sizeof(*reference));
    *out = NULL;
    if (reference == NULL) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    enum mstr_code code = fill(context, reference, text, error);
    if (code != MSTR_OK) {
        agent_reference_free(reference);
        return code;
    }
    *out = reference;
    return MSTR_OK;
}

void agent_reference_free(struct agent_reference *reference)
{
    if (reference != NULL) {
        reference_free(reference->reference);
        text_wipe_free(reference->owned); /* of text:, a secret */
        free(reference);
    }
}

static int64_t time_left(int64_t until)
{
    int64_t now = clock_monotonic();
    return until > now ? until - now : 0;
}

/* Of a value that was fetched just now the cache knows it, the lookup does not. */
static int64_t find_freshness(mstr_context *context, const struct lookup *lookup)
{
    int64_t until = lookup->fresh_until;
    if (lookup->code == MSTR_OK && until == 0) {
        until = cache_memory_fresh_until(context_resolver(context)->cache, lookup->reference->key);
    }
    return time_left(until);
}

void context_agent_resolve(mstr_context *context, struct agent_lookup *lookups, size_t count,
                           const mstr_call_options *options)
{
    const struct limits limits = limits_of(options);
    bool refresh = options != NULL && (options->flags & MSTR_CALL_NO_CACHE) != 0;
    struct lookup *inner = calloc(count + 1, sizeof(*inner));
    for (size_t i = 0; i < count; i++) {
        lookups[i].secret = NULL;
        lookups[i].fresh_for = 0;
        if (inner == NULL) {
            lookups[i].code = error_set(lookups[i].error, MSTR_E_MEMORY, "out of memory");
        } else {
            inner[i] = (struct lookup){.reference = lookups[i].reference->reference, .error = lookups[i].error};
        }
    }
    if (inner != NULL) {
        resolver_run(context_resolver(context), inner, count, refresh, &limits);
    }
    for (size_t i = 0; inner != NULL && i < count; i++) {
        lookups[i].secret = inner[i].secret;
        lookups[i].code = inner[i].code;
        lookups[i].fresh_for = find_freshness(context, &inner[i]);
    }
    free(inner);
}

bool context_agent_peek(mstr_context *context, struct agent_lookup *lookup)
{
    const struct reference *reference = lookup->reference->reference;
    struct cache_claim claim = {.answer = CACHE_FAILED};
    if (!cache_memory_peek(context_resolver(context)->cache, reference->key, &claim, lookup->error)) {
        return false;
    }
    lookup->code = claim.code;
    lookup->secret = claim.secret;
    lookup->fresh_for = time_left(claim.fresh_until);
    if (claim.secret != NULL && reference->field != NULL) {
        lookup->code = field_select(claim.secret, reference->field, &lookup->secret, lookup->error);
        mstr_secret_release(claim.secret);
    }
    if (lookup->code != MSTR_OK) {
        reference_tell(reference, lookup->error);
        error_set_provider(lookup->error, reference->parts.scheme);
    }
    return true;
}

bool context_agent_needs_person(mstr_error *error)
{
    const char *message = mstr_error_message(error);
    const char *hint = mstr_error_hint(error);
    if (strstr(message, PROMPT_NOBODY) == NULL && (hint == NULL || strstr(hint, PROMPT_NOBODY) == NULL)) {
        return false;
    }
    char *before = text_copy(message);
    error_set(error, MSTR_E_NOT_AVAILABLE, "needs a person: %s", before != NULL ? before : PROMPT_NOBODY);
    free(before);
    return true;
}

const char *context_agent_content_type(const mstr_secret *secret)
{
    return secret_content_type(secret);
}

const char *context_agent_null_hint(const mstr_secret *secret)
{
    return secret_null_hint(secret);
}

enum mstr_code context_agent_compare(mstr_context *context, bool profile, const char *name, const char *key,
                                     struct json_object *theirs, struct buffer *setting, mstr_error *error)
{
    return profile ? fingerprint_compare_profile(context_registry(context), name, key, theirs, setting, error)
                   : fingerprint_compare_scheme(context_registry(context), name, key, theirs, setting, error);
}

struct forgetting {
    mstr_context *context;
    bool (*wanted)(const struct agent_reference *reference, void *data);
    void *data;
};

/* A key is a reference, too. What cannot be read is forgotten rather than kept. */
static bool is_forgotten(const char *key, void *data)
{
    const struct forgetting *forgetting = data;
    struct agent_reference *reference = NULL;
    bool wanted = agent_reference_read(forgetting->context, key, &reference, NULL) != MSTR_OK ||
                  forgetting->wanted(reference, forgetting->data);
    agent_reference_free(reference);
    return wanted;
}

void context_agent_forget(mstr_context *context, bool (*wanted)(const struct agent_reference *reference, void *data),
                          void *data)
{
    struct forgetting forgetting = {context, wanted, data};
    cache_memory_forget(context_resolver(context)->cache, is_forgotten, &forgetting);
    context_forget_in_fleet(context, NULL);
}

static bool put_fingerprint(mstr_context *context, bool profile, const char *name, struct buffer *json)
{
    static const char key[] = "of no agent"; /* it stays in this process */
    struct registry *registry = context_registry(context);
    return (profile ? fingerprint_of_profile : fingerprint_of_scheme)(registry, name, key, json, NULL) == MSTR_OK;
}

bool context_agent_is_same(mstr_context *a, mstr_context *b, bool profile, const char *name)
{
    struct buffer before = BUFFER_INIT;
    struct buffer after = BUFFER_INIT;
    bool same = put_fingerprint(a, profile, name, &before) && put_fingerprint(b, profile, name, &after) &&
                strcmp(buffer_text(&before), buffer_text(&after)) == 0;
    buffer_release(&before);
    buffer_release(&after);
    return same;
}

struct inheritance {
    mstr_context *to;
    mstr_context *from;
    struct text_list same; /* schemes */
};

/* Outside of the caches' locks, since it may look for plugins. */
static void judge(struct instance *instance, void *data)
{
    struct inheritance *inheritance = data;
    const char *scheme = instance->host.public.name;
    if (context_agent_is_same(inheritance->from, inheritance->to, false, scheme)) {
        text_list_add(&inheritance->same, scheme, strlen(scheme));
    }
}

static bool is_unchanged(const char *key, void *data)
{
    const struct inheritance *inheritance = data;
    size_t length = strcspn(key, ":");
    for (size_t i = 0; i < inheritance->same.count; i++) {
        const char *scheme = inheritance->same.items[i];
        if (strlen(scheme) == length && memcmp(scheme, key, length) == 0) {
            return true;
        }
    }
    return false;
}

void context_agent_inherit(mstr_context *to, mstr_context *from)
{
    struct inheritance inheritance = {to, from, TEXT_LIST_INIT};
    registry_visit_instances(context_registry(from), judge, &inheritance);
    cache_memory_inherit(context_resolver(to)->cache, context_resolver(from)->cache, is_unchanged, &inheritance);
    context_share_refusals(to, from);
    text_list_release(&inheritance.same);
}

struct telling {
    void (*each)(const char *scheme, bool live, void *data);
    void *data;
};

static void tell_one(struct instance *instance, void *data)
{
    const struct telling *telling = data;
    telling->each(instance->host.public.name, instance_is_live(instance), telling->data);
}

void context_agent_instances(mstr_context *context, void (*each)(const char *scheme, bool live, void *data),
                             void *data)
{
    struct telling telling = {each, data};
    registry_visit_instances(context_registry(context), tell_one, &telling);
}
