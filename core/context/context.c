/* Configuration, providers, cache and HTTP client that the sessions of a program share. */
#include "context/context.h"

#include "base/buffer.h"
#include "base/environment.h"
#include "base/text.h"
#include "plugin/prompt.h"
#include "plugin/registry.h"
#include "resolve/cache.h"
#include "resolve/cache_hot.h"
#include "resolve/resolver.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct mstr_context {
    struct log log;
    struct config *config;
    struct registry *registry;
    struct cache *cache;
    pthread_mutex_t http_mutex;
    struct http_client *http;
    struct prompt prompt;
    char *plugin_path;
    char *ca_file;
    bool trust_environment;
};

static enum mstr_code read_cache_settings(const struct config *config, struct cache_settings *settings,
                                          mstr_error *error)
{
    const struct {
        const char *key;
        int64_t *value;
    } durations[] = {{"ttl", &settings->ttl},
                     {"stale_if_error", &settings->stale_if_error},
                     {"negative_ttl", &settings->negative_ttl}};
    *settings = cache_defaults;
    for (size_t i = 0; i < sizeof(durations) / sizeof(*durations); i++) {
        const struct config_value *value = config_get(config, "cache", durations[i].key);
        if (value != NULL && !config_duration(value->text, durations[i].value)) {
            return error_set(error, MSTR_E_CONFIG, "%s:%u: \"%s\" in [cache] must be a plain duration", value->file,
                             value->line, durations[i].key);
        }
    }
    const struct config_value *most = config_get(config, "cache", "max_entries");
    int64_t number = (int64_t)settings->max_entries;
    if (most != NULL && (!text_to_int64(most->text, &number) || number < 1)) {
        return error_set(error, MSTR_E_CONFIG, "%s:%u: \"max_entries\" in [cache] must be a number from 1 on",
                         most->file, most->line);
    }
    settings->max_entries = (size_t)number;
    return MSTR_OK;
}

/* MSTR_E_CONFIG leaves a context with what could be read. */
static enum mstr_code init(mstr_context *context, const mstr_context_options *options, mstr_error *error)
{
    struct cache_settings settings;
    context->log = (struct log){options->log, options->log_data, options->log_level};
    context->trust_environment = (options->flags & MSTR_CONTEXT_NO_ENVIRONMENT) == 0;
    log_note(&context->log);
    settings = cache_defaults;
    enum mstr_code code = config_read(options, &context->config, error);
    if (code == MSTR_OK) {
        code = read_cache_settings(context->config, &settings, error);
    }
    if (context->config == NULL) {
        return code;
    }
    context->plugin_path = text_copy(options->plugin_path);
    context->ca_file = text_copy(options->ca_file);
    context->cache = cache_new(&settings);
    context->registry = registry_new(context);
    bool good = context->cache != NULL && context->registry != NULL &&
                (options->plugin_path == NULL || context->plugin_path != NULL) &&
                (options->ca_file == NULL || context->ca_file != NULL);
    return good ? code : error_set(error, MSTR_E_MEMORY, "out of memory");
}

enum mstr_code context_new_whatever(const mstr_context_options *options, mstr_context **out, mstr_error *error)
{
    static const mstr_context_options defaults = MSTR_CONTEXT_OPTIONS_INIT;
    options = options != NULL ? options : &defaults;
    *out = NULL;
    if (!MSTR_HAS(options, mstr_context_options, log_level)) {
        return error_set(error, MSTR_E_USAGE, "the options of the context were not initialised");
    }
    mstr_context *context = calloc(1, sizeof(*context));
    if (context == NULL || pthread_mutex_init(&context->http_mutex, NULL) != 0) {
        free(context);
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (!prompt_init(&context->prompt)) {
        pthread_mutex_destroy(&context->http_mutex);
        free(context);
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    enum mstr_code code = init(context, options, error);
    if (code == MSTR_OK || code == MSTR_E_CONFIG) {
        *out = context;
    } else {
        mstr_context_free(context);
    }
    return code;
}

enum mstr_code mstr_context_new(const mstr_context_options *options, mstr_context **out, mstr_error *error)
{
    enum mstr_code code = context_new_whatever(options, out, error);
    if (code != MSTR_OK) {
        mstr_context_free(*out);
        *out = NULL;
    }
    return code;
}

void mstr_context_free(mstr_context *context)
{
    if (context == NULL) {
        return;
    }
    registry_free(context->registry);
    cache_free(context->cache);
    http_client_free(context->http);
    config_free(context->config);
    pthread_mutex_destroy(&context->http_mutex);
    prompt_destroy(&context->prompt);
    free(context->plugin_path);
    free(context->ca_file);
    free(context);
}

const struct log *context_log(const mstr_context *context)
{
    return &context->log;
}

const struct config *context_config(const mstr_context *context)
{
    return context->config;
}

struct registry *context_registry(const mstr_context *context)
{
    return context->registry;
}

struct prompt *context_prompt(mstr_context *context)
{
    return &context->prompt;
}

void mstr_context_set_prompt(mstr_context *context, mstr_prompt_fn ask, void *data)
{
    prompt_set(&context->prompt, ask, data);
}

const char *context_plugin_path(const mstr_context *context)
{
    return context->plugin_path;
}

struct http_client *context_http(mstr_context *context, mstr_error *error)
{
    pthread_mutex_lock(&context->http_mutex);
    if (context->http == NULL) {
        const struct http_client_options options = {
            .ca_file = context->ca_file, .trust_environment = context->trust_environment && environment_trusted()};
        http_client_new(&options, &context->log, &context->http, error);
    }
    struct http_client *client = context->http;
    pthread_mutex_unlock(&context->http_mutex);
    return client;
}

void context_lookup(mstr_context *context, struct lookup *lookups, size_t count, bool refresh,
                    const struct limits *limits)
{
    resolver_run(context, context->cache, context->registry, lookups, count, refresh, limits);
}

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
    context_lookup(context, lookup, 1, refresh, limits);
    reference_free(reference);
    return lookup->code;
}

enum mstr_code mstr_context_get(mstr_context *context, const char *reference, const mstr_call_options *options,
                                mstr_secret **out, mstr_error *error)
{
    struct cache_hot *front = cache_front(context->cache);
    bool refresh = wants_refresh(options);
    *out = refresh || reference == NULL ? NULL : cache_hot_get(front, reference);
    if (*out != NULL) {
        return MSTR_OK;
    }
    uint64_t generation = cache_hot_generation(front);
    const struct limits limits = limits_of(options);
    struct lookup lookup = {.error = error};
    enum mstr_code code = find_one(context, reference, refresh, &limits, &lookup);
    *out = lookup.secret;
    if (code == MSTR_OK && lookup.fresh_until != 0) {
        cache_hot_put(front, reference, lookup.secret, lookup.fresh_until, generation);
    }
    return code;
}

enum mstr_code mstr_context_get_many(mstr_context *context, mstr_lookup *lookups, size_t count,
                                     const mstr_call_options *options)
{
    const struct limits limits = limits_of(options);
    struct reference **references = calloc(count + 1, sizeof(struct reference *));
    struct lookup *inner = calloc(count + 1, sizeof(*inner));
    enum mstr_code first = MSTR_OK;
    size_t good = 0;
    for (size_t i = 0; i < count; i++) {
        lookups[i].secret = NULL;
        if (references == NULL || inner == NULL) {
            lookups[i].code = error_set(lookups[i].error, MSTR_E_MEMORY, "out of memory");
            continue;
        }
        lookups[i].code = reference_parse(lookups[i].reference, &references[i], lookups[i].error);
        if (lookups[i].code == MSTR_OK) {
            inner[good++] = (struct lookup){.reference = references[i], .error = lookups[i].error};
        } else {
            error_set_reference(lookups[i].error, lookups[i].reference);
        }
    }
    if (good > 0) {
        context_lookup(context, inner, good, wants_refresh(options), &limits);
    }
    good = 0;
    for (size_t i = 0; i < count; i++) {
        if (lookups[i].code == MSTR_OK) {
            lookups[i].secret = inner[good].secret;
            lookups[i].code = inner[good++].code;
        }
        first = first == MSTR_OK ? lookups[i].code : first;
        if (references != NULL) {
            reference_free(references[i]);
        }
    }
    free(inner);
    free(references);
    return first;
}

void mstr_context_get_stats(mstr_context *context, mstr_context_stats *stats)
{
    cache_stats(context->cache, stats);
}

static void invalidate_all(struct instance *instance, void *data)
{
    (void)data;
    instance_invalidate(instance, NULL);
}

void mstr_context_invalidate(mstr_context *context, const char *reference)
{
    struct reference *parsed = NULL;
    struct instance *instance = NULL;
    if (reference == NULL) {
        cache_invalidate(context->cache, NULL);
        registry_each_ready(context->registry, invalidate_all, NULL);
    } else if (reference_parse(reference, &parsed, NULL) == MSTR_OK) {
        cache_invalidate(context->cache, parsed->key);
        if (registry_find(context->registry, parsed->parts.scheme, &instance, NULL) == MSTR_OK) {
            instance_invalidate(instance, parsed);
        }
        reference_free(parsed);
    }
}

enum mstr_code mstr_context_register(mstr_context *context, const char *name,
                                     const struct mstr_provider *(*entry)(const struct mstr_host *host),
                                     const struct mstr_header *options, mstr_error *error)
{
    if (name == NULL || !reference_is_scheme(name, strlen(name)) || entry == NULL) {
        return error_set(error, MSTR_E_USAGE, "\"%s\" is no scheme: a lower-case letter, then letters, digits and -",
                         name != NULL ? name : "");
    }
    const struct limits limits = limits_of(NULL);
    return registry_add(context->registry, name, entry, options, &limits, error);
}
