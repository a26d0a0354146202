/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration, providers, cache and HTTP client that the sessions of a program share. */
#include "context/context.h"

#include "base/buffer.h"
#include "base/environment.h"
#include "base/given.h"
#include "base/text.h"
#include "context/agent_choice.h"
#include "fleet/fetch_shared.h"
#include "fleet/settings.h"
#include "plugin/bundle.h"
#include "plugin/creation.h"
#include "resolve/cache_memory.h"
#include "resolve/fetch_agent.h"
#include "resolve/fetch_local.h"

#include "builtin/builtin.h"

#include <stdlib.h>
#include <string.h>

struct mstr_context {
    struct log log;
    struct shared_client http;
    struct prompt prompt;
    struct services services; /* the three above and the plugin path */
    struct config *config;
    struct registry *registry;
    struct cache_hot *hot;
    struct fetch_local fetch;
    struct agent_choice agent_choice;
    struct agent_link *link;     /* NULL = no agent is used */
    struct fetch_agent agent;    /* only with it */
    struct fetch_shared *shared; /* NULL = no fleet shares secrets */
    struct resolver resolver;
    struct refusals *refusals;
    struct fleets fleets;
    struct buffer plugin_path;
    char *ca_file;
};

static const struct builtin builtins[] = {
    {"cred", cred_provider_entry, true, false}, {"env", env_provider_entry, true, true},
    {"exec", exec_provider_entry, true, false}, {"file", file_provider_entry, true, true},
    {"text", text_provider_entry, true, false}, {NULL, NULL, false, false},
};

/* The values were looked at when they were read. */
static struct cache_settings read_cache_settings(const struct config *config)
{
    struct cache_settings settings = cache_defaults;
    const struct config_value *entries = config_get(config, "cache", "max_entries");
    int64_t most = (int64_t)settings.max_entries;
    const struct {
        const char *key;
        int64_t *number;
    } durations[] = {{"ttl", &settings.ttl},
                     {"stale_if_error", &settings.stale_if_error},
                     {"negative_ttl", &settings.negative_ttl}};
    for (size_t i = 0; i < sizeof(durations) / sizeof(*durations); i++) {
        const struct config_value *value = config_get(config, "cache", durations[i].key);
        if (value != NULL) {
            mstr_duration_parse(value->text, durations[i].number);
        }
    }
    if (entries != NULL) {
        text_to_int64(entries->text, &most);
    }
    settings.max_entries = (size_t)most;
    return settings;
}

/* Where plugins are looked for: the program's folders, those of the environment, those of the configuration. */
static bool join_plugin_path(mstr_context *context, const char *given)
{
    const struct config_value *configured = config_get(context->config, "plugins", "path");
    const char *const paths[] = {given, environment_get("MSTR_PLUGIN_PATH"),
                                 configured != NULL ? configured->text : NULL};
    struct buffer *path = &context->plugin_path;
    for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
        if (paths[i] != NULL) {
            buffer_printf(path, "%s%s", path->length > 0 ? ":" : "", paths[i]);
        }
    }
    context->services.plugin_path = path->length > 0 ? buffer_text(path) : NULL;
    return !path->failed;
}

/* Puts the floors together once the configuration is read. False without memory. */
static bool compose(mstr_context *context, const mstr_context_options *options)
{
    const struct cache_settings settings = read_cache_settings(context->config);
    context->ca_file = text_copy(options->ca_file);
    context->http.options = (struct http_client_options){
        .ca_file = context->ca_file,
        .trust_environment = (options->flags & MSTR_CONTEXT_NO_ENVIRONMENT) == 0 && environment_trusted()};
    context->hot = cache_hot_new();
    context->refusals = refusals_new();
    context->resolver.cache = context->hot != NULL ? cache_memory_new(&settings, context->hot) : NULL;
    context->registry = registry_new(&context->services, context->config, builtins);
    fetch_local_init(&context->fetch, context->registry);
    context->resolver.fetch = &context->fetch.fetch;
    bool fleets = fleets_init(&context->fleets, &context->services, context->config);
    return fleets && join_plugin_path(context, options->plugin_path) && context->resolver.cache != NULL &&
           context->registry != NULL && context->refusals != NULL &&
           (options->ca_file == NULL || context->ca_file != NULL);
}

/* What leaves the process is asked of the agent, where one is used. */
static enum mstr_code use_agent(mstr_context *context, const mstr_context_options *options, mstr_error *error)
{
    struct agent_choice *choice = &context->agent_choice;
    enum mstr_code code = agent_choose(context->registry, options, choice, error);
    if (code != MSTR_OK || choice->options.use == AGENT_OFF) {
        return code;
    }
    struct agent_link *link = agent_link_new(&choice->options, &context->log);
    if (link == NULL ||
        !fetch_agent_init(&context->agent, link, context->resolver.fetch, context->registry, choice->shared)) {
        agent_link_free(link);
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    context->link = link;
    context->resolver.fetch = &context->agent.fetch;
    return MSTR_OK;
}

/* Where the fleet of the selected profile shares secrets, its store is looked into before the providers are asked, by
 * whoever asks them: where an agent is there, the agent. */
static enum mstr_code use_fleet(mstr_context *context, mstr_error *error)
{
    const struct config *config = context->config;
    const struct cache_settings cache = read_cache_settings(config);
    struct buffer profile = BUFFER_INIT;
    struct buffer section = BUFFER_INIT;
    buffer_printf(&profile, "profile %s", config_default_profile(config));
    enum mstr_code code = profile.failed ? error_set(error, MSTR_E_MEMORY, "out of memory")
                                         : fleet_settings_find(config, buffer_text(&profile), &section, error);
    const struct config_value *list =
        code == MSTR_OK ? config_get(config, buffer_text(&section), "share_secrets") : NULL;
    const struct shared_store_options options = {.registry = context->registry,
                                                 .section = list != NULL ? buffer_text(&section) : NULL,
                                                 .inner = context->resolver.fetch,
                                                 .cache = context->resolver.cache,
                                                 .ttl = cache.ttl};
    if (list != NULL && *list->text != '\0' && cache.ttl > 0) {
        code = fetch_shared_new(&options, &context->shared, error);
    }
    if (context->shared != NULL) {
        context->resolver.fetch = fetch_shared_fetch(context->shared);
    }
    buffer_release(&profile);
    buffer_release(&section);
    return code;
}

/* MSTR_E_CONFIG leaves a context with what could be read. */
static enum mstr_code init(mstr_context *context, const mstr_context_options *options, mstr_error *error)
{
    log_note(&context->log);
    enum mstr_code code = config_read(options, &context->config, error);
    if (context->config != NULL && !compose(context, options)) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    code = code == MSTR_OK ? use_fleet(context, error) : code;
    return code == MSTR_OK ? use_agent(context, options, error) : code;
}

/* All that mstr_context_free() expects; NULL without resources. */
static mstr_context *make(const mstr_context_options *options)
{
    mstr_context *context = calloc(1, sizeof(*context));
    if (context == NULL) {
        return NULL;
    }
    context->log = (struct log){options->log, options->log_data, options->log_level};
    context->services = (struct services){
        .log = &context->log, .http = &context->http, .prompt = &context->prompt, .bundle = &bundle_of_build};
    if (!shared_client_init(&context->http, &context->log)) {
        free(context);
        return NULL;
    }
    if (!prompt_init(&context->prompt)) {
        shared_client_destroy(&context->http);
        free(context);
        return NULL;
    }
    return context;
}

static enum mstr_code check(const mstr_context_options *options, mstr_error *error)
{
    static const char what[] = "the options of the context were";
    if (given_check(what, MSTR_HAS(options, mstr_context_options, log_level), options->flags,
                    MSTR_CONTEXT_NO_CONFIG | MSTR_CONTEXT_NO_ENVIRONMENT | MSTR_CONTEXT_USE_AGENT,
                    error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    const struct given_number numbers[] = {
        {"log_level", (int64_t)options->log_level, MSTR_LEVEL_ERROR, MSTR_LEVEL_TRACE},
        GIVEN_COUNT(options, mstr_context_options, timeout)};
    return given_numbers(what, numbers, sizeof(numbers) / sizeof(*numbers), error);
}

enum mstr_code context_new_whatever(const mstr_context_options *options, mstr_context **out, mstr_error *error)
{
    static const mstr_context_options defaults = MSTR_CONTEXT_OPTIONS_INIT;
    options = options != NULL ? options : &defaults;
    *out = NULL;
    if (check(options, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    mstr_context *context = make(options);
    if (context == NULL) {
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
    fetch_shared_free(context->shared);
    if (context->link != NULL) {
        fetch_agent_release(&context->agent);
        agent_link_free(context->link);
    }
    agent_choice_release(&context->agent_choice);
    fleets_release(&context->fleets);
    registry_free(context->registry);
    cache_memory_free(context->resolver.cache);
    cache_hot_free(context->hot);
    refusals_free(context->refusals);
    shared_client_destroy(&context->http);
    config_free(context->config);
    prompt_destroy(&context->prompt);
    buffer_release(&context->plugin_path);
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

const struct services *context_services(const mstr_context *context)
{
    return &context->services;
}

const struct resolver *context_resolver(const mstr_context *context)
{
    return &context->resolver;
}

struct resolver context_own_resolver(mstr_context *context)
{
    return (struct resolver){context->resolver.cache, &context->fetch.fetch};
}

struct agent_link *context_agent_link(mstr_context *context)
{
    return context->link;
}

void context_forget_at_agent(mstr_context *context, const struct reference *reference)
{
    if (context->link != NULL) {
        fetch_agent_forget(&context->agent, reference);
    }
}

void context_forget_in_fleet(mstr_context *context, const struct reference *reference)
{
    if (context->shared != NULL) {
        fetch_shared_forget(context->shared, reference);
    }
}

void context_tell_agent(mstr_context *context, const char *scheme, const struct limits *limits, struct buffer *text)
{
    if (context->link != NULL) {
        fetch_agent_tell(&context->agent, scheme, limits, text);
    }
}

struct cache_hot *context_cache_hot(const mstr_context *context)
{
    return context->hot;
}

struct refusals *context_refusals(const mstr_context *context)
{
    return context->refusals;
}

enum mstr_code context_fleet(mstr_context *context, const char *section, const struct limits *limits,
                             struct fleet **out, mstr_error *error)
{
    return fleets_get(&context->fleets, section, &context->resolver, limits, out, error);
}

void context_share_refusals(mstr_context *to, mstr_context *from)
{
    refusals_free(to->refusals);
    to->refusals = refusals_share(from->refusals);
}

struct http_client *context_http(mstr_context *context, mstr_error *error)
{
    return shared_client_get(&context->http, error);
}

enum mstr_code context_resolve(mstr_context *context, struct credential_want *wants, size_t count, bool refresh,
                               const struct limits *limits, mstr_error *error)
{
    return credentials_resolve(&context->resolver, wants, count, refresh, limits, error);
}

void mstr_context_set_prompt(mstr_context *context, mstr_prompt_fn ask, void *data)
{
    prompt_set(&context->prompt, ask, data);
}

void mstr_context_set_subject_token(mstr_context *context, mstr_subject_token_fn give, void *data)
{
    context->services.subject = (struct subject_source){give, data};
}

void mstr_context_get_stats(mstr_context *context, mstr_context_stats *stats)
{
    cache_memory_stats(context->resolver.cache, stats);
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
    return creation_register(context->registry, name, entry, options, &limits, error);
}
