/* SPDX-License-Identifier: Apache-2.0 */
/* Values of the configuration: the references in them resolved, on behalf of programs and of sessions. */
#include "context/context.h"

#include "base/given.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum mstr_code context_expand(mstr_context *context, const char *text, const struct limits *limits, mstr_secret **out,
                              mstr_error *error)
{
    struct template *template = NULL;
    *out = NULL;
    enum mstr_code code = template_parse(text, &template, error);
    if (code == MSTR_OK) {
        struct evaluation evaluation = {.template = template, .error = error};
        resolver_evaluate(context_resolver(context), &evaluation, 1, false, limits);
        code = evaluation.code;
        *out = evaluation.value;
    }
    template_free(template);
    return code;
}

enum mstr_code context_parse_variable(mstr_context *context, const char *text, struct template **out,
                                      mstr_error *error)
{
    bool reference = strstr(text, "${") == NULL && context_names_provider(context, text);
    return (reference ? template_of_reference : template_parse)(text, out, error);
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

static enum mstr_code parse_setting(mstr_context *context, const mstr_setting *setting, struct template **template)
{
    if (setting->section == NULL) {
        enum mstr_code code = template_of_value(setting->key, template, setting->error);
        if (code != MSTR_OK && strstr(setting->key, "${") == NULL) {
            error_set_reference(setting->error, setting->key);
        }
        return code;
    }
    const struct config_value *value = config_get(context_config(context), setting->section, setting->key);
    if (value == NULL) {
        return error_set(setting->error, MSTR_E_CONFIG, "there is no \"%s\" in [%s]", setting->key, setting->section);
    }
    return text_starts_with(setting->section, "env ")
               ? context_parse_variable(context, value->text, template, setting->error)
               : template_parse(value->text, template, setting->error);
}

/* The element of the program's array, whose elements may be longer than ours. */
static mstr_setting *setting_at(mstr_setting *settings, size_t size, size_t index)
{
    return (mstr_setting *)(void *)((char *)settings + index * size);
}

enum mstr_code mstr_context_settings(mstr_context *context, mstr_setting *settings, size_t count, size_t size,
                                     const mstr_call_options *options)
{
    if (size < sizeof(mstr_setting) || (settings == NULL && count > 0) || given_call(options, NULL) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    const struct limits limits = limits_of(options);
    bool refresh = options != NULL && (options->flags & MSTR_CALL_NO_CACHE) != 0;
    struct evaluation *evaluations = calloc(count + 1, sizeof(*evaluations));
    struct template **templates = calloc(count + 1, sizeof(*templates));
    bool memory = evaluations != NULL && templates != NULL;
    enum mstr_code first = MSTR_OK;
    for (size_t i = 0; i < count; i++) {
        mstr_setting *setting = setting_at(settings, size, i);
        setting->value = NULL;
        setting->code = memory ? parse_setting(context, setting, &templates[i])
                               : error_set(setting->error, MSTR_E_MEMORY, "out of memory");
        if (memory) {
            evaluations[i] = (struct evaluation){.template = templates[i], .error = setting->error};
        }
    }
    if (memory) {
        resolver_evaluate(context_resolver(context), evaluations, count, refresh, &limits);
    }
    for (size_t i = 0; i < count; i++) {
        mstr_setting *setting = setting_at(settings, size, i);
        if (setting->code == MSTR_OK) {
            setting->value = evaluations[i].value;
            setting->code = evaluations[i].code;
        }
        if (setting->code != MSTR_OK) {
            tell_place(context, setting);
            first = first == MSTR_OK ? setting->code : first;
        }
        if (memory) {
            template_free(templates[i]);
        }
    }
    free(templates);
    free(evaluations);
    return first;
}

enum mstr_code mstr_context_setting(mstr_context *context, const char *section, const char *key,
                                    const mstr_call_options *options, mstr_secret **out, mstr_error *error)
{
    mstr_setting setting = {.section = section, .key = key, .error = error};
    enum mstr_code code = given_call(options, error);
    code = code == MSTR_OK ? mstr_context_settings(context, &setting, 1, sizeof(setting), options) : code;
    *out = setting.value;
    return code;
}
