/* What can be wrong with a configuration whose grammar is right. */
#include "context/config_check.h"

#include "base/buffer.h"
#include "base/text.h"
#include "context/context.h"
#include "plugin/creation.h"
#include "reference/template.h"

#include <string.h>

struct check {
    mstr_context *context;
    struct config_listener *listener;
    mstr_error *error; /* of the first problem */
    enum mstr_code code;
    mstr_error *now; /* of the problem at hand */
    const struct limits *limits;
};

/* Tells what `now` holds of a setting, or of a section where there is none. */
static void tell(struct check *check, const char *section, const char *key, const struct config_value *value)
{
    struct buffer text = BUFFER_INIT;
    const char *hint = mstr_error_hint(check->now);
    buffer_printf(&text, "%s%s%s", mstr_error_message(check->now), hint != NULL ? "; " : "",
                  hint != NULL ? hint : "");
    const mstr_config_item item = {.size = sizeof(item),
                                   .line = value != NULL ? value->line : 0,
                                   .file = value != NULL ? value->file : NULL,
                                   .section = section,
                                   .key = key,
                                   .problem = text.failed ? mstr_error_message(check->now) : buffer_text(&text)};
    config_listener_tell(check->listener, &item);
    if (check->code == MSTR_OK) {
        check->code = mstr_error_code(check->now);
        error_copy(check->error, check->now);
    }
    buffer_release(&text);
    mstr_error_clear(check->now);
}

static enum mstr_code check_scheme(const struct check *check, const struct reference *reference, bool local)
{
    const char *scheme = reference->parts.scheme;
    struct instance *instance = NULL;
    if (local && !registry_is_local(context_registry(check->context), scheme)) {
        return error_set(check->now, MSTR_E_CONFIG, "only env: and file: may stand in a provider's own section");
    }
    return registry_find(context_registry(check->context), scheme, &instance, check->now);
}

/* A setting's references. Those of provider sections are local. */
static void check_references(struct check *check, const char *section, const char *key,
                             const struct config_value *value, bool local)
{
    struct template *template = NULL;
    enum mstr_code code = template_parse(value->text, &template, check->now);
    for (size_t i = 0; code == MSTR_OK && i < template->count; i++) {
        for (size_t j = 0; code == MSTR_OK && j < template->pieces[i].alternative_count; j++) {
            code = check_scheme(check, template->pieces[i].alternatives[j], local);
        }
    }
    template_free(template);
    if (code != MSTR_OK) {
        error_prefix(check->now, "\"%s\": ", key);
        tell(check, section, key, value);
    }
}

/* What concerns a section as a whole is told with the line of its first key. */
static void tell_section(struct check *check, const char *section)
{
    const struct config *config = context_config(check->context);
    const char *key = config_key_at(config, section, 0);
    if (mstr_error_message(check->now)[0] != '[') { /* else it names the section itself */
        error_prefix(check->now, "[%s]: ", section);
    }
    tell(check, section, NULL, key != NULL ? config_get(config, section, key) : NULL);
}

/* False where the values cannot be known yet, or something is wrong with them. */
static bool check_options(struct check *check, const char *section, const struct mstr_provider *table)
{
    const struct config *config = context_config(check->context);
    const char *key = NULL;
    bool whole = true;
    for (size_t i = 0; (key = config_key_at(config, section, i)) != NULL; i++) {
        const struct config_value *value = config_get(config, section, key);
        const char *literal = strstr(value->text, "${") == NULL ? value->text : NULL;
        if (!registry_reads_key(key) &&
            (options_check_one(table->options, table->option_size, key, literal, check->now) != MSTR_OK ||
             options_check_written(table->options, table->option_size, key, value, check->now) != MSTR_OK)) {
            tell(check, section, key, value);
            whole = false;
        }
        whole = whole && literal != NULL;
    }
    const struct mstr_option *option = NULL;
    for (size_t i = 0; (option = options_at(table->options, table->option_size, i)) != NULL; i++) {
        if ((option->flags & MSTR_OPTION_REQUIRED) != 0 && option->default_value == NULL &&
            config_get(config, section, option->name) == NULL) {
            error_set(check->now, MSTR_E_CONFIG, "option \"%s\" is missing", option->name);
            error_set_hint(check->now, "%s", option->help);
            tell_section(check, section);
            whole = false;
        }
    }
    return whole;
}

/* One [provider NAME], its plugin loaded. */
static void check_provider(struct check *check, const char *section)
{
    struct instance *instance = NULL;
    const struct mstr_provider *table = NULL;
    enum mstr_code code =
        registry_find(context_registry(check->context), section + strlen("provider "), &instance, check->now);
    if (code == MSTR_OK) {
        code = instance_load(instance, check->limits, &table, check->now);
    }
    if (code == MSTR_OK && check_options(check, section, table)) {
        /* what only the plugin sees; it stays off the network */
        code = creation_ensure(context_registry(check->context), instance, check->limits, check->now);
    }
    if (code != MSTR_OK) {
        tell_section(check, section);
    }
}

enum mstr_code check_settings(mstr_context *context, const struct limits *limits, struct config_listener *listener,
                              mstr_error *error)
{
    const struct config *config = context_config(context);
    const char *section = NULL;
    struct check check = {
        .context = context, .listener = listener, .error = error, .now = mstr_error_new(), .limits = limits};
    if (check.now == NULL) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    for (size_t i = 0; (section = config_section_at(config, i)) != NULL; i++) {
        bool provider = text_starts_with(section, "provider ");
        const char *key = NULL;
        for (size_t j = 0; (key = config_key_at(config, section, j)) != NULL; j++) {
            check_references(&check, section, key, config_get(config, section, key), provider);
        }
        if (provider) {
            check_provider(&check, section);
        }
    }
    mstr_error_free(check.now);
    return check.code;
}
