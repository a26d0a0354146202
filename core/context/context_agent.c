/* SPDX-License-Identifier: Apache-2.0 */
/* What the agent needs of a context beyond the public headers. */
#include "context/context_agent.h"

#include "base/clock.h"
#include "base/text.h"
#include "context/context.h"
#include "plugin/fingerprint.h"
#include "plugin/prompt.h"
#include "resolve/cache_memory.h"
#include "secret/field.h"
#include "secret/secret.h"

#include <stdlib.h>
#include <string.h>

/* arn:PARTITION:SERVICE:REGION:ACCOUNT:KIND:NAME */
enum { ARN_REGION = 3, ARN_ACCOUNT = 4, ARN_NAME = 6, ARN_PARTS = 7, ARN_SUFFIX = 6 };

/* Without the "-" and six random characters that the service adds to a name. */
static size_t without_suffix(const char *name)
{
    size_t length = strlen(name);
    if (length <= ARN_SUFFIX + 1 || name[length - ARN_SUFFIX - 1] != '-' ||
        !text_is_made_of(name + length - ARN_SUFFIX, "")) {
        return length;
    }
    return length - ARN_SUFFIX - 1;
}

/* False where it is none with a name: it then stays as it is. */
static bool put_arn(struct buffer *out, const char *body)
{
    const char *parts[ARN_PARTS] = {body};
    for (size_t i = 1; i < ARN_PARTS; i++) {
        const char *colon = strchr(parts[i - 1], ':');
        if (colon == NULL) {
            return false;
        }
        parts[i] = colon + 1;
    }
    const char *name = parts[ARN_NAME];
    buffer_printf(out, "arn:%.*s:%.*s:%.*s", (int)(parts[ARN_ACCOUNT + 1] - parts[ARN_ACCOUNT] - 1),
                  parts[ARN_ACCOUNT], (int)(parts[ARN_REGION + 1] - parts[ARN_REGION] - 1), parts[ARN_REGION],
                  (int)without_suffix(name), name);
    return true;
}

/* Cuts the last segment off, but never what stands before `root`. */
static void go_up(struct buffer *out, size_t root)
{
    size_t length = out->length;
    length -= length > root && out->data[length - 1] == '/';
    while (length > root && out->data[length - 1] != '/') {
        length--;
    }
    buffer_truncate(out, length);
}

/* As RFC 3986 5.2.4 removes dot segments; a "//HOST" before them stays. */
static void put_path(struct buffer *out, const char *body)
{
    size_t root = text_starts_with(body, "//") ? 2 + strcspn(body + 2, "/") : 0;
    root += body[root] == '/';
    buffer_append(out, body, root);
    for (const char *at = body + root; *at != '\0';) {
        size_t length = strcspn(at, "/");
        size_t whole = length + (at[length] == '/');
        if (length == 2 && memcmp(at, "..", 2) == 0) {
            go_up(out, root);
        } else if (length != 1 || *at != '.') {
            buffer_append(out, at, whole);
        }
        at += whole;
    }
}

char *agent_reference_canonical(const char *body)
{
    struct buffer out = BUFFER_INIT;
    if (!text_starts_with(body, "arn:") || !put_arn(&out, body)) {
        put_path(&out, body);
    }
    char *text = out.failed ? NULL : text_copy(buffer_text(&out));
    buffer_release(&out);
    return text;
}

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
    reference->body = reference->owned = agent_reference_canonical(inner->parts.body);
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
    if (inner != NULL && count > 0) {
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
}

static bool same_text(const struct config_value *a, const struct config_value *b)
{
    return a != NULL && b != NULL && strcmp(a->text, b->text) == 0;
}

/* Whether all of a's settings in the section are b's too. */
static bool holds_all(const struct config *a, const struct config *b, const char *section)
{
    const char *key = NULL;
    for (size_t i = 0; (key = config_key_at(a, section, i)) != NULL; i++) {
        if (!same_text(config_get(a, section, key), config_get(b, section, key))) {
            return false;
        }
    }
    return true;
}

struct inheritance {
    const struct config *old;
    const struct config *new;
};

/* Whether the key's instance has the same settings in both configurations. */
static bool is_unchanged(const char *key, void *data)
{
    const struct inheritance *inheritance = data;
    struct buffer section = BUFFER_INIT;
    buffer_printf(&section, "provider %.*s", (int)strcspn(key, ":"), key);
    const char *name = buffer_text(&section);
    bool same =
        !section.failed && config_has_section(inheritance->old, name) == config_has_section(inheritance->new, name) &&
        holds_all(inheritance->old, inheritance->new, name) && holds_all(inheritance->new, inheritance->old, name) &&
        holds_all(inheritance->old, inheritance->new, "plugins") &&
        holds_all(inheritance->new, inheritance->old, "plugins");
    buffer_release(&section);
    return same;
}

void context_agent_inherit(mstr_context *to, mstr_context *from)
{
    struct inheritance inheritance = {context_config(from), context_config(to)};
    cache_memory_inherit(context_resolver(to)->cache, context_resolver(from)->cache, is_unchanged, &inheritance);
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
