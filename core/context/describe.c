/* What a context can tell about itself: providers, the way of a reference, and the configuration as it was read. */
#include "base/clock.h"
#include "base/trusted_folders.h"
#include "context/config_check.h"
#include "context/context.h"
#include "plugin/host.h"
#include "plugin/registry.h"
#include "resolve/resolver.h"
#include "secret/memory.h"

#include <stdlib.h>
#include <string.h>

/* Tells one instance, loading its plugin. */
static void tell_instance(struct instance *instance, mstr_provider_fn each, void *data)
{
    mstr_error *error = mstr_error_new();
    mstr_provider_info info = {.size = sizeof(info),
                               .name = instance->public.name,
                               .plugin = instance->plugin,
                               .service = instance->public.service};
    const struct mstr_provider *provider = NULL;
    if (instance_load(instance, &provider, error) == MSTR_OK) {
        info.abi_major = provider->abi_major;
        info.version = provider->version;
        info.summary = provider->summary;
        info.options = provider->options;
        info.option_size = provider->option_size;
    } else {
        info.problem = mstr_error_message(error);
    }
    info.file = instance->file != NULL ? instance->file : instance->entry != NULL ? "built in" : NULL;
    each(&info, data);
    mstr_error_free(error);
}

enum mstr_code mstr_context_providers(mstr_context *context, mstr_provider_fn each, void *data, mstr_error *error)
{
    struct registry *registry = context_registry(context);
    const char *scheme = NULL;
    mstr_error *why = mstr_error_new(); /* of one instance, which is its own affair */
    if (why == NULL) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    for (size_t i = 0; (scheme = registry_scheme_at(registry, i)) != NULL; i++) {
        struct instance *instance = NULL;
        if (registry_find(registry, scheme, &instance, why) == MSTR_OK) {
            tell_instance(instance, each, data);
        } else {
            const mstr_provider_info info = {
                .size = sizeof(info), .name = scheme, .problem = mstr_error_message(why)};
            each(&info, data);
        }
    }
    mstr_error_free(why);
    return MSTR_OK;
}

/* What to do about a failure whose cause knows no better. */
static const struct {
    enum mstr_code code;
    const char *hint;
} remedies[] = {
    {MSTR_E_CONFIG, "correct the reference or the setting; \"mstr config check\" shows all that is wrong"},
    {MSTR_E_NOT_FOUND, "check the name; an alternative may follow in the configuration: ${THIS || OTHER}"},
    {MSTR_E_NOT_AVAILABLE, "install or start what is missing, or name an alternative: ${THIS || OTHER}"},
    {MSTR_E_DENIED, "grant this identity, or this user, the right to read it"},
    {MSTR_E_AUTHENTICATION, "check the credentials that the step before tells"},
    {MSTR_E_NETWORK, "check that this machine reaches the host, and its proxy and CA settings"},
    {MSTR_E_TIMEOUT, "give it more time with --timeout, or check that this machine reaches the store"},
    {MSTR_E_THROTTLED, "try again later; a longer ttl in [cache] asks less often"},
    {MSTR_E_UNAVAILABLE, "try again later: the store itself is failing"},
    {MSTR_E_PLUGIN, "ask whoever provides the plugin; mstr-provider-test tells which part of the contract it breaks"},
    {MSTR_E_PROTOCOL, "check the endpoint, and what answers there in place of the store"},
};

static const char *remedy(enum mstr_code code, const mstr_error *error)
{
    const char *hint = mstr_error_hint(error);
    for (size_t i = 0; hint == NULL && i < sizeof(remedies) / sizeof(*remedies); i++) {
        hint = remedies[i].code == code ? remedies[i].hint : NULL;
    }
    return hint;
}

/* A step that either went well or ends the report. */
static enum mstr_code tell_step(struct mstr_report *report, const char *name, enum mstr_code code, const char *detail,
                                const mstr_error *error, int64_t started)
{
    host_table.report_step(report, code == MSTR_OK ? MSTR_STEP_USED : MSTR_STEP_FAILED, name,
                           code == MSTR_OK ? detail : mstr_error_message(error),
                           code == MSTR_OK ? NULL : remedy(code, error), clock_monotonic() - started);
    return code;
}

/* Told only where it is not as it should be. */
static void tell_memory(const struct mstr_report *report)
{
    const mstr_report_step step = {.size = sizeof(step),
                                   .outcome = MSTR_STEP_INFO,
                                   .name = "memory",
                                   .detail = "secrets are in memory that could not be locked, and may be swapped out",
                                   .hint = "raise RLIMIT_MEMLOCK (ulimit -l, LimitMEMLOCK=)"};
    if (!secure_locked()) {
        report->each(&step, report->data);
    }
}

static enum mstr_code explain(mstr_context *context, const struct reference *reference, const struct limits *limits,
                              struct mstr_report *report, mstr_error *error)
{
    struct instance *instance = NULL;
    struct call call;
    int64_t started = clock_monotonic();
    enum mstr_code code = registry_find(context_registry(context), reference->parts.scheme, &instance, error);
    if (code == MSTR_OK) {
        code = instance_ready(instance, limits, error);
    }
    const char *from = instance == NULL ? NULL : instance->file != NULL ? instance->file : "built in";
    if (tell_step(report, "provider", code, from, error, started) != MSTR_OK) {
        return code;
    }
    call_init(&call, context, limits);
    code = instance_explain(instance, reference, report, &call, error);
    call_release(&call);
    if (code != MSTR_OK) {
        return tell_step(report, "identity", code, NULL, error, started);
    }
    started = clock_monotonic();
    struct lookup lookup = {.reference = reference, .error = error};
    context_lookup(context, &lookup, 1, true, limits);
    mstr_secret_release(lookup.secret);
    tell_memory(report);
    return tell_step(report, "secret", lookup.code, reference->field != NULL ? "found, field present" : "found",
                     error, started);
}

enum mstr_code mstr_context_explain(mstr_context *context, const char *reference, const mstr_call_options *options,
                                    mstr_report_fn each, void *data, mstr_error *error)
{
    struct mstr_report report = {.each = each, .data = data};
    const struct limits limits = limits_of(options);
    struct reference *parsed = NULL;
    int64_t started = clock_monotonic();
    mstr_error *own = error == NULL ? mstr_error_new() : error; /* steps quote it */
    enum mstr_code code = reference_parse(reference, &parsed, own);
    if (tell_step(&report, "reference", code, parsed != NULL ? parsed->parts.text : NULL, own, started) == MSTR_OK) {
        code = explain(context, parsed, &limits, &report, own);
    }
    reference_free(parsed);
    if (own != error) {
        mstr_error_free(own);
    }
    return code;
}

static void tell_settings(const struct config *config, mstr_config_fn each, void *data)
{
    const char *section = NULL;
    for (size_t i = 0; (section = config_section_at(config, i)) != NULL; i++) {
        const char *key = NULL;
        for (size_t j = 0; (key = config_key_at(config, section, j)) != NULL; j++) {
            const struct config_value *value = config_get(config, section, key);
            struct buffer shown = BUFFER_INIT;
            bool any = config_show(section, key, value->text, &shown) && !shown.failed;
            const mstr_config_item item = {
                sizeof(item), value->line, value->file, section, key, any ? buffer_text(&shown) : NULL, NULL};
            each(&item, data);
            buffer_release(&shown);
        }
    }
}

static void tell_problems(const struct config *config, mstr_config_fn each, void *data)
{
    const struct config_problem *problem = NULL;
    for (size_t i = 0; (problem = config_problem_at(config, i)) != NULL; i++) {
        const mstr_config_item item = {sizeof(item), problem->line, problem->file, problem->section,
                                       NULL,         NULL,          problem->text};
        each(&item, data);
    }
}

static void tell_paths(const struct config *config, mstr_config_fn each, void *data)
{
    const struct config_file *file = NULL;
    for (size_t i = 0; (file = config_file_at(config, i)) != NULL; i++) {
        const mstr_config_item item = {sizeof(item), 0, file->path, NULL, NULL, NULL, file->problem};
        each(&item, data);
    }
}

struct visit {
    mstr_config_fn each;
    void *data;
};

static void tell_trusted_folder(const char *folder, const char *fault, void *data)
{
    const struct visit *visit = data;
    struct buffer meaning = BUFFER_INIT;
    buffer_printf(&meaning, "%s%s",
                  fault != NULL ? "it does not count: "
                                : "whoever may write there decides which programs run and which identity is used",
                  fault != NULL ? fault : "");
    const mstr_config_item item = {.size = sizeof(item),
                                   .file = "environment",
                                   .key = "MSTR_TRUSTED_FOLDERS",
                                   .value = folder,
                                   .problem = buffer_text(&meaning)};
    visit->each(&item, visit->data);
    buffer_release(&meaning);
}

enum mstr_code mstr_config_visit(const mstr_context_options *options, uint32_t flags, mstr_config_fn each, void *data,
                                 mstr_error *error)
{
    mstr_context *context = NULL;
    enum mstr_code code = context_new_whatever(options, &context, error);
    if (context == NULL) {
        return code;
    }
    const struct config *config = context_config(context);
    if ((flags & MSTR_CONFIG_PATHS) != 0) {
        tell_paths(config, each, data);
    }
    if ((flags & MSTR_CONFIG_SETTINGS) != 0) {
        tell_settings(config, each, data);
    }
    if ((flags & MSTR_CONFIG_PROBLEMS) != 0) {
        tell_problems(config, each, data);
        enum mstr_code deeper = check_settings(context, each, data, code == MSTR_OK ? error : NULL);
        code = code == MSTR_OK ? deeper : code;
    }
    if ((flags & MSTR_CONFIG_WEAKENINGS) != 0) {
        struct visit visit = {each, data};
        trusted_folders_visit(tell_trusted_folder, &visit);
    }
    mstr_context_free(context);
    return code;
}

enum mstr_code mstr_context_section(mstr_context *context, const char *section, mstr_config_fn each, void *data,
                                    mstr_error *error)
{
    const struct config *config = context_config(context);
    const char *key = NULL;
    if (!config_has_section(config, section)) {
        return error_set(error, MSTR_E_CONFIG, "there is no section [%s] in the configuration", section);
    }
    for (size_t i = 0; (key = config_key_at(config, section, i)) != NULL; i++) {
        const struct config_value *value = config_get(config, section, key);
        const mstr_config_item item = {sizeof(item), value->line, value->file, section, key, NULL, NULL};
        each(&item, data);
    }
    return MSTR_OK;
}
