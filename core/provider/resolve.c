/* Credentials and settings to values, on behalf of sessions and the registry. */
#include "provider/context.h"
#include "provider/credential.h"
#include "provider/expand.h"

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

enum mstr_code mstr_context_setting(mstr_context *context, const char *section, const char *key,
                                    const mstr_call_options *options, mstr_secret **out, mstr_error *error)
{
    const struct limits limits = limits_of(options);
    const struct config_value *value = config_get(context_config(context), section, key);
    *out = NULL;
    if (value == NULL) {
        return error_set(error, MSTR_E_CONFIG, "there is no \"%s\" in [%s]", key, section);
    }
    enum mstr_code code = context_expand(context, value->text, false, &limits, out, error);
    if (code != MSTR_OK) {
        error_prefix(error, "%s:%u: \"%s\": ", value->file, value->line, key);
    }
    return code;
}
