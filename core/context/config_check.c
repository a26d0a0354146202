/* What can be wrong with a configuration whose grammar is right. */
#include "context/config_check.h"

#include "base/buffer.h"
#include "base/text.h"
#include "base/uri.h"
#include "config/login_mode.h"
#include "context/context.h"
#include "http/tls_file.h"
#include "http/trust.h"
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

static bool is_unresolved(const struct config_value *value)
{
    return strstr(value->text, "${") != NULL;
}

/* Whether the whole value would be a reference, were it not for the missing ${}. In a set of variables file:… may be
 * meant as it is, as programs have such names too. */
static bool looks_like_reference(const struct check *check, const char *section, const char *value)
{
    struct reference *reference = NULL;
    struct instance *instance = NULL;
    bool looks =
        reference_parse_unquoted(value, &reference, NULL) == MSTR_OK &&
        registry_find(context_registry(check->context), reference->parts.scheme, &instance, NULL) == MSTR_OK &&
        !(text_starts_with(section, "env ") && strcmp(reference->parts.scheme, "file") == 0);
    reference_free(reference);
    return looks;
}

/* What a person surely did not mean, though the grammar takes it. A command's quotes hold its arguments together. */
static void check_meaning(struct check *check, const char *section, const char *key, const struct config_value *value)
{
    bool command = text_starts_with(section, "provider ") && strcmp(key, "command") == 0;
    if (!is_unresolved(value) && looks_like_reference(check, section, value->text)) {
        error_set(check->now, MSTR_E_CONFIG, "\"%s\" looks like a reference, but is taken as it is written", key);
        error_set_hint(check->now, "write ${…} around it; or, where it is meant so, ${text:…}");
    } else if (config_is_quoted(value->text) && !command) {
        error_set(check->now, MSTR_E_CONFIG, "\"%s\" has quotes around it, which are a part of the value", key);
        error_set_hint(check->now, "leave them out; or, where they are meant so, write ${text:…}");
    } else if (value->tight) {
        error_set(check->now, MSTR_E_CONFIG,
                  "\"%s\" ends at a blank with # or ; behind it, as what follows is a comment", key);
        error_set_hint(check->now, "write ${text:…} with %%23 for # and %%3B for ;, or put a blank behind the sign");
    } else {
        return;
    }
    tell(check, section, key, value);
}

/* The files of TLS; a profile's ca_file is examined with whom its sessions trust. */
static void check_file(struct check *check, const char *section, const char *key, const struct config_value *value)
{
    bool provider = text_starts_with(section, "provider ") && strcmp(key, "ca_file") == 0;
    bool profile =
        text_starts_with(section, "profile ") && (strcmp(key, "client_cert") == 0 || strcmp(key, "client_key") == 0);
    const char *path = provider ? trust_find(value->text, NULL, false).file.path : profile ? value->text : NULL;
    if (path != NULL && !is_unresolved(value) && tls_file_check_regular(key, path, check->now) != MSTR_OK) {
        tell(check, section, key, value);
    }
}

static bool has_needs(const struct config *config, const char *section, const struct login_mode *mode)
{
    for (size_t i = 0; i < mode->need_count; i++) {
        if (config_get(config, section, mstr_credential_kind_name(mode->needs[i])) == NULL) {
            return false;
        }
    }
    return true;
}

/* Whether a session of the profile would find the credentials of a mode. */
static bool has_login(const struct config *config, const char *section)
{
    const struct config_value *value = config_get(config, section, "login_mode");
    enum mstr_login_mode wanted = MSTR_LOGIN_GUESS;
    if (value != NULL && (is_unresolved(value) || !login_mode_read(value->text, &wanted))) {
        return true; /* it cannot be known, or was told already */
    }
    for (const struct login_mode *mode = login_modes; mode->name != NULL; mode++) {
        bool eligible = wanted == MSTR_LOGIN_GUESS ? mode->guessed : mode->mode == wanted;
        if (eligible && has_needs(config, section, mode)) {
            return true;
        }
    }
    return false;
}

static bool has_credential(const struct config *config, const char *section)
{
    for (int kind = MSTR_CREDENTIAL_USERNAME; kind <= MSTR_CREDENTIAL_IDENTITY_TOKEN; kind++) {
        if (config_get(config, section, mstr_credential_kind_name((enum mstr_credential_kind)kind)) != NULL) {
            return true;
        }
    }
    return false;
}

static bool is_plain(const struct config *config, const char *section, const struct config_value *base)
{
    const struct config_value *allowed = config_get(config, section, "allow_plain_http");
    struct uri uri;
    bool yes = false;
    return !is_unresolved(base) && uri_parse(base->text, &uri) && !uri.https && !uri_is_loopback(&uri) &&
           !(allowed != NULL && config_boolean(allowed->text, &yes) && yes);
}

/* What would keep a session of the profile from opening. One with neither server nor credentials is completed
 * elsewhere, by a program or its environment. */
static void check_profile(struct check *check, const char *section)
{
    const struct config *config = context_config(check->context);
    const struct config_value *base = config_get(config, section, "base_url");
    if (base == NULL && has_credential(config, section)) {
        error_set(check->now, MSTR_E_CONFIG, "there is no base_url");
        error_set_hint(check->now, "set it, e.g. base_url = https://mstr.example.com/MicroStrategyLibrary/api/");
        tell_section(check, section);
    }
    if (base != NULL && is_plain(config, section, base)) {
        error_set(
            check->now, MSTR_E_CONFIG,
            "\"base_url\" uses plain http, which shows the password on the network, without allow_plain_http = yes");
        error_set_hint(check->now,
                       "use https; set allow_plain_http only for a network that nobody else can listen to");
        tell(check, section, "base_url", base);
    }
    if ((base != NULL || has_credential(config, section)) && !has_login(config, section)) {
        error_set(check->now, MSTR_E_CONFIG, "no login is possible: the credentials are not all there");
        error_set_hint(check->now,
                       "set username and password, api_key or identity_token; anonymous login must be asked "
                       "for with login_mode = anonymous");
        tell_section(check, section);
    }
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
            check_meaning(&check, section, key, config_get(config, section, key));
            check_file(&check, section, key, config_get(config, section, key));
        }
        if (text_starts_with(section, "profile ")) {
            check_profile(&check, section);
        }
        if (provider) {
            check_provider(&check, section);
        }
    }
    mstr_error_free(check.now);
    return check.code;
}
