/* Credentials and settings to values, on behalf of sessions and the registry. */
#include "context/context.h"
#include "resolve/credential.h"
#include "resolve/expand.h"

#include <stdlib.h>
#include <string.h>

static enum mstr_code check_local(const struct template *template, mstr_error *error)
{
    for (size_t i = 0; i < template->count; i++) {
        for (size_t j = 0; j < template->pieces[i].alternative_count; j++) {
            const char *scheme = template->pieces[i].alternatives[j]->parts.scheme;
            if (strcmp(scheme, "env") != 0 && strcmp(scheme, "file") != 0) {
                return error_set(error, MSTR_E_CONFIG,
                                 "only env: and file: may stand in a provider's own section, not %s:", scheme);
            }
        }
    }
    return MSTR_OK;
}

enum mstr_code context_expand(mstr_context *context, const char *text, bool local, const struct limits *limits,
                              mstr_secret **out, mstr_error *error)
{
    struct template *template = NULL;
    *out = NULL;
    enum mstr_code code = template_parse(text, &template, error);
    if (code == MSTR_OK && local) {
        code = check_local(template, error);
    }
    if (code == MSTR_OK) {
        struct expansion expansion = {.template = template, .error = error};
        expand_run(context, &expansion, 1, false, limits);
        code = expansion.code;
        *out = expansion.value;
    }
    template_free(template);
    return code;
}

/* The templates of those wants that have references. */
static enum mstr_code parse_wants(const struct credential_want *wants, size_t count, struct template **templates,
                                  mstr_error *error)
{
    for (size_t i = 0; i < count; i++) {
        const mstr_credential *credential = wants[i].credential;
        enum mstr_code code = MSTR_OK;
        if (credential != NULL && credential->origin == CREDENTIAL_REFERENCE) {
            code = template_of_reference(credential->text, &templates[i], error);
        } else if (credential != NULL && credential->origin == CREDENTIAL_TEMPLATE) {
            code = template_parse(credential->text, &templates[i], error);
        }
        if (code != MSTR_OK) {
            error_prefix(error, "%s: ", wants[i].name);
            return code;
        }
    }
    return MSTR_OK;
}

static enum mstr_code ask_callback(struct credential_want *want, mstr_error *error)
{
    const mstr_credential *credential = want->credential;
    enum mstr_code code = credential->callback(&want->value, error, credential->data);
    if (code == MSTR_OK && want->value == NULL) {
        code = error_set(error, MSTR_E_CONFIG, "its callback succeeded without giving a value");
    } else if (code != MSTR_OK && mstr_error_code(error) != code) {
        error_set(error, code, "its callback failed: %s", mstr_code_text(code));
    }
    return code;
}

/* Gives each want its value; the first failure wins. */
static enum mstr_code collect(struct credential_want *wants, size_t count, struct expansion *expansions,
                              mstr_error *error)
{
    for (size_t i = 0; i < count; i++) {
        struct credential_want *want = &wants[i];
        enum mstr_code code = expansions[i].code;
        if (want->credential == NULL) {
            continue;
        }
        if (want->credential->origin == CREDENTIAL_LITERAL) {
            want->value = mstr_secret_retain(want->credential->literal);
        } else if (want->credential->origin == CREDENTIAL_CALLBACK) {
            code = ask_callback(want, error);
        } else if (code == MSTR_OK) {
            want->value = mstr_secret_retain(expansions[i].value);
            want->from_cache = expansions[i].from_cache;
        } else {
            error_copy(error, expansions[i].error);
        }
        if (code != MSTR_OK) {
            error_prefix(error, "%s: ", want->name);
            return code;
        }
    }
    return MSTR_OK;
}

enum mstr_code context_resolve(mstr_context *context, struct credential_want *wants, size_t count, bool refresh,
                               const struct limits *limits, mstr_error *error)
{
    struct template *templates[MSTR_CREDENTIAL_KINDS] = {NULL};
    struct expansion expansions[MSTR_CREDENTIAL_KINDS] = {{NULL, NULL, MSTR_OK, NULL, false}};
    if (count > MSTR_CREDENTIAL_KINDS) {
        return error_set(error, MSTR_E_USAGE, "more credentials than there are kinds");
    }
    for (size_t i = 0; i < count; i++) {
        wants[i].value = NULL;
        wants[i].from_cache = false;
    }
    enum mstr_code code = parse_wants(wants, count, templates, error);
    if (code == MSTR_OK) {
        for (size_t i = 0; i < count; i++) {
            expansions[i] = (struct expansion){.template = templates[i], .error = mstr_error_new()};
        }
        expand_run(context, expansions, count, refresh, limits);
        code = collect(wants, count, expansions, error);
    }
    for (size_t i = 0; i < count; i++) {
        if (code != MSTR_OK) {
            mstr_secret_release(wants[i].value);
            wants[i].value = NULL;
        }
        mstr_secret_release(expansions[i].value);
        mstr_error_free(expansions[i].error);
        template_free(templates[i]);
    }
    return code;
}

/* Where a setting stands, for its failure. */
static void tell_place(const mstr_context *context, const mstr_setting *setting)
{
    const struct config_value *value =
        setting->section != NULL ? config_get(context_config(context), setting->section, setting->key) : NULL;
    if (value != NULL && value->line > 0) {
        error_prefix(setting->error, "%s:%u: \"%s\": ", value->file, value->line, setting->key);
    } else if (value != NULL) {
        error_prefix(setting->error, "%s: \"%s\": ", value->file, setting->key);
    }
}

static enum mstr_code parse_setting(const mstr_context *context, const mstr_setting *setting,
                                    struct template **template)
{
    if (setting->section == NULL) {
        enum mstr_code code = template_of_reference(setting->key, template, setting->error);
        if (code != MSTR_OK) {
            error_set_reference(setting->error, setting->key);
        }
        return code;
    }
    const struct config_value *value = config_get(context_config(context), setting->section, setting->key);
    return value != NULL ? template_parse(value->text, template, setting->error)
                         : error_set(setting->error, MSTR_E_CONFIG, "there is no \"%s\" in [%s]", setting->key,
                                     setting->section);
}

enum mstr_code mstr_context_settings(mstr_context *context, mstr_setting *settings, size_t count,
                                     const mstr_call_options *options)
{
    const struct limits limits = limits_of(options);
    bool refresh = options != NULL && (options->flags & MSTR_CALL_NO_CACHE) != 0;
    struct expansion *expansions = calloc(count + 1, sizeof(*expansions));
    struct template **templates = calloc(count + 1, sizeof(*templates));
    bool memory = expansions != NULL && templates != NULL;
    enum mstr_code first = MSTR_OK;
    for (size_t i = 0; i < count; i++) {
        settings[i].value = NULL;
        settings[i].code = memory ? parse_setting(context, &settings[i], &templates[i])
                                  : error_set(settings[i].error, MSTR_E_MEMORY, "out of memory");
        if (memory) {
            expansions[i] = (struct expansion){.template = templates[i], .error = settings[i].error};
        }
    }
    if (memory) {
        expand_run(context, expansions, count, refresh, &limits);
    }
    for (size_t i = 0; i < count; i++) {
        if (settings[i].code == MSTR_OK) {
            settings[i].value = expansions[i].value;
            settings[i].code = expansions[i].code;
        }
        if (settings[i].code != MSTR_OK) {
            tell_place(context, &settings[i]);
            first = first == MSTR_OK ? settings[i].code : first;
        }
        if (memory) {
            template_free(templates[i]);
        }
    }
    free(templates);
    free(expansions);
    return first;
}

enum mstr_code mstr_context_setting(mstr_context *context, const char *section, const char *key,
                                    const mstr_call_options *options, mstr_secret **out, mstr_error *error)
{
    mstr_setting setting = {.section = section, .key = key, .error = error};
    enum mstr_code code = mstr_context_settings(context, &setting, 1, options);
    *out = setting.value;
    return code;
}
