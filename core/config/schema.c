/* SPDX-License-Identifier: Apache-2.0 */
/* Which sections and keys the configuration knows. */
#include "config/schema.h"

#include "base/text.h"
#include "config/config.h"
#include "config/value.h"
#include "reference/reference.h"

#include <mstr/context.h>
#include <string.h>

/* Beside the kind: what is read before references can be resolved. */
#define LITERAL 0x100u

struct setting {
    const char *key; /* NULL closes a table */
    unsigned kind;   /* enum value_kind, and LITERAL */
};

static const struct setting profile_settings[] = {
    {"base_url", VALUE_URL},
    {"username", VALUE_TEXT},
    {"password", VALUE_SECRET},
    {"api_key", VALUE_SECRET},
    {"identity_token", VALUE_SECRET},
    {"login_mode", VALUE_LOGIN_MODE},
    {"application_type", VALUE_POSITIVE},
    {"project", VALUE_TEXT},
    {"login_fields", VALUE_LOGIN_FIELDS},
    {"ca_file", VALUE_PATH},
    {"client_cert", VALUE_PATH},
    {"client_key", VALUE_PATH},
    {"client_key_password", VALUE_SECRET},
    {"proxy", VALUE_PROXY},
    {"proxy_username", VALUE_TEXT},
    {"proxy_password", VALUE_SECRET},
    {"no_proxy", VALUE_PROXY_EXCEPTIONS},
    {"pinned_key", VALUE_PINNED_KEY},
    {"connect_timeout", VALUE_DURATION},
    {"stall_timeout", VALUE_DURATION},
    {"timeout", VALUE_TIMEOUT},
    {"max_redirects", VALUE_COUNT},
    {"relogin", VALUE_BOOLEAN},
    {"keepalive", VALUE_BOOLEAN},
    {"logout", VALUE_BOOLEAN | LITERAL},
    {"allow_plain_http", VALUE_BOOLEAN},
    {"persistence_key", VALUE_SECRET},
    {"fleet", VALUE_TEXT | LITERAL},
    {NULL, VALUE_TEXT},
};
static const struct setting cache_settings[] = {
    {"ttl", VALUE_DURATION | LITERAL},
    {"stale_if_error", VALUE_DURATION | LITERAL},
    {"negative_ttl", VALUE_DURATION | LITERAL},
    {"max_entries", VALUE_POSITIVE | LITERAL},
    {NULL, VALUE_TEXT},
};
/* Those of the core, and the plain ones of our own plugins; a plugin's others are in its own table. */
static const struct setting provider_settings[] = {
    {"plugin", VALUE_TEXT | LITERAL}, {"service", VALUE_TEXT | LITERAL}, {"region", VALUE_TEXT},
    {"ca_file", VALUE_TEXT},          {"profile", VALUE_TEXT},           {NULL, VALUE_TEXT},
};
static const struct setting plugins_settings[] = {{"path", VALUE_FOLDERS | LITERAL}, {NULL, VALUE_TEXT}};

/* Of mstr-agent(1), and of those who ask it. */
static const struct setting agent_settings[] = {
    {"use", VALUE_AGENT_USE | LITERAL},
    {"socket", VALUE_PATH},
    {"owner", VALUE_TEXT | LITERAL},
    {"allow", VALUE_TEXT | LITERAL},
    {"profiles", VALUE_TEXT | LITERAL},
    {"allow_user", VALUE_TEXT | LITERAL},
    {"allow_group", VALUE_TEXT | LITERAL},
    {"allow_foreign_namespace", VALUE_BOOLEAN | LITERAL},
    {"prefetch", VALUE_TEXT | LITERAL},
    {"idle", VALUE_DURATION | LITERAL},
    {"listen", VALUE_LOOPBACK | LITERAL},
    {"token_file", VALUE_PATH},
    {"memory", VALUE_AGENT_MEMORY | LITERAL},
    {"connections", VALUE_POSITIVE | LITERAL},
    {"user_connections", VALUE_POSITIVE | LITERAL},
    {"user_fetches", VALUE_POSITIVE | LITERAL},
    {"header_octets", VALUE_POSITIVE | LITERAL},
    {"head_timeout", VALUE_TIMEOUT | LITERAL},
    {"connection_idle", VALUE_TIMEOUT | LITERAL},
    {"write_stall", VALUE_TIMEOUT | LITERAL},
    {"references", VALUE_POSITIVE | LITERAL},
    {"workers", VALUE_POSITIVE | LITERAL},
    {"instance_workers", VALUE_POSITIVE | LITERAL},
    {"replay_octets", VALUE_POSITIVE | LITERAL},
    {"session_requests", VALUE_POSITIVE | LITERAL},
    {"working_set", VALUE_POSITIVE | LITERAL},
    {"allow_auth", VALUE_TEXT | LITERAL},
    {NULL, VALUE_TEXT},
};

/* Those of the core, and what stores have in common; a module's others are in its own table. */
static const struct setting fleet_settings[] = {
    {"store", VALUE_TEXT | LITERAL},
    {"url", VALUE_TEXT},
    {"username", VALUE_TEXT},
    {"password", VALUE_SECRET},
    {"ca_file", VALUE_PATH},
    {"client_cert", VALUE_PATH},
    {"client_key", VALUE_PATH},
    {"server_name", VALUE_TEXT},
    {"allow_plain", VALUE_BOOLEAN},
    {"seal_key", VALUE_SECRET},
    {"seal_key_old", VALUE_SECRET},
    {"sessions", VALUE_FLEET_SESSIONS | LITERAL},
    {"share_secrets", VALUE_TEXT | LITERAL},
    {"on_store_failure", VALUE_FLEET_FAILURE | LITERAL},
    {"logout", VALUE_FLEET_LOGOUT | LITERAL},
    {"namespace", VALUE_TEXT | LITERAL},
    {NULL, VALUE_TEXT},
};

enum naming { NAMELESS, NAMED, MAY_HAVE_NAME };

static const struct section {
    const char *type;
    enum naming naming;
    bool open; /* has more keys than these */
    const struct setting *settings;
} sections[] = {
    {"profile", NAMED, false, profile_settings},
    {"provider", NAMED, true, provider_settings},
    {"env", NAMED, true, NULL},
    {"cache", NAMELESS, false, cache_settings},
    {"plugins", NAMELESS, false, plugins_settings},
    {"agent", NAMELESS, false, agent_settings},
    {"fleet", MAY_HAVE_NAME, true, fleet_settings},
    {NULL, NAMELESS, false, NULL},
};

const struct schema_variable schema_variables[] = {
    {"MSTR_BASE_URL", "base_url"},
    {"MSTR_USERNAME", "username"},
    {"MSTR_PASSWORD", "password"},
    {"MSTR_API_KEY", "api_key"},
    {"MSTR_IDENTITY_TOKEN", "identity_token"},
    {"MSTR_LOGIN_MODE", "login_mode"},
    {"MSTR_PROJECT", "project"},
    {"MSTR_CA_FILE", "ca_file"},
    {NULL, NULL},
};

static const struct section *find_section(const char *type)
{
    for (const struct section *section = sections; section->type != NULL; section++) {
        if (strcmp(section->type, type) == 0) {
            return section;
        }
    }
    return NULL;
}

static const struct setting *find_setting(const struct section *section, const char *key)
{
    for (const struct setting *setting = section->settings; setting != NULL && setting->key != NULL; setting++) {
        if (strcmp(setting->key, key) == 0) {
            return setting;
        }
    }
    return NULL;
}

static const char *next_section(void *data)
{
    const struct section **at = data;
    const char *type = (*at)->type;
    *at += type != NULL;
    return type;
}

static const char *next_setting(void *data)
{
    const struct setting **at = data;
    const char *key = (*at)->key;
    *at += key != NULL;
    return key;
}

static void suggest(struct buffer *problem, const char *nearest)
{
    if (nearest != NULL) {
        buffer_printf(problem, "; did you mean \"%s\"?", nearest);
    }
}

bool schema_check_section(const char *type, const char *name, struct buffer *problem)
{
    const struct section *section = find_section(type);
    if (section == NULL) {
        const struct section *at = sections;
        const char *nearest = text_nearest(type, next_section, &at);
        buffer_printf(problem, "unknown section [%s%s%s]", type, name != NULL ? " " : "", name != NULL ? name : "");
        if (nearest == NULL && name == NULL) { /* as files of other tools have it */
            buffer_printf(problem, "; a profile is written [profile %s]", type);
        }
        suggest(problem, nearest);
        return false;
    }
    if (section->naming != MAY_HAVE_NAME && (section->naming == NAMED) != (name != NULL)) {
        buffer_printf(
            problem, section->naming == NAMED ? "section [%s] needs a name: [%s NAME]" : "section [%s] takes no name",
            type, type);
        return false;
    }
    if (strcmp(type, "provider") == 0 && !reference_is_scheme(name, strlen(name))) {
        buffer_printf(problem, "\"%s\" cannot be a scheme: a lower-case letter, then letters, digits and -", name);
        return false;
    }
    return true;
}

static enum value_kind kind_of(const struct setting *setting)
{
    return (enum value_kind)(setting->kind & ~LITERAL);
}

static bool is_variable(const char *name)
{
    return (name[0] < '0' || name[0] > '9') && text_is_made_of(name, "_");
}

static bool check_key(const char *type, const char *key, struct buffer *problem)
{
    const struct section *section = find_section(type);
    if (strcmp(type, "env") == 0 && !is_variable(key)) {
        buffer_printf(problem, "\"%s\" is no name of an environment variable: letters, digits and _", key);
        return false;
    }
    if (section == NULL || section->open || find_setting(section, key) != NULL) {
        return true;
    }
    const struct setting *at = section->settings;
    buffer_printf(problem, "unknown key \"%s\" in [%s]", key, type);
    suggest(problem, text_nearest(key, next_setting, &at));
    return false;
}

bool schema_check_value(const char *type, const char *key, const char *value, struct buffer *problem)
{
    const struct section *section = find_section(type);
    const struct setting *setting = section != NULL ? find_setting(section, key) : NULL;
    const char *expected = setting != NULL ? value_fault(kind_of(setting), value) : NULL;
    if (expected != NULL) {
        buffer_printf(problem, "\"%s\" must be %s", key, expected);
    }
    return expected == NULL;
}

bool schema_check_setting(const char *type, const char *key, const char *value, struct buffer *problem)
{
    const struct section *section = find_section(type);
    const struct setting *setting = section != NULL ? find_setting(section, key) : NULL;
    bool reference = strstr(value, "${") != NULL;
    if (!check_key(type, key, problem)) {
        return false;
    }
    if (reference && setting != NULL && (setting->kind & LITERAL) != 0) {
        buffer_printf(problem, "\"%s\" in [%s] takes no reference", key, type);
        return false;
    }
    return reference || schema_check_value(type, key, value, problem);
}

bool config_is_quoted(const char *value)
{
    size_t length = strlen(value);
    return length >= 2 && strchr("\"'", value[0]) != NULL && value[length - 1] == value[0];
}

bool config_check_secret(const char *key, const struct config_value *value, struct buffer *problem)
{
    const char *fault = value->comment ? "a blank with # or ; behind it, which may be a part of the secret"
                        : config_is_quoted(value->text) ? "quotes around it, which would be a part of the secret"
                                                        : NULL;
    if (fault != NULL) {
        buffer_printf(
            problem,
            "\"%s\" has %s: write a reference, or ${text:…} with %%23, %%3B, %%20 for #, ; and a blank, and "
            "%%25, %%3F, %%7D, %%7C for %%, ?, } and |",
            key, fault);
    }
    return fault == NULL;
}

bool schema_holds_secret(const char *type, const char *key)
{
    const struct section *section = find_section(type);
    const struct setting *setting = section != NULL ? find_setting(section, key) : NULL;
    return setting != NULL ? kind_of(setting) == VALUE_SECRET : strcmp(type, "env") == 0;
}

bool schema_keeps_case(const char *type)
{
    return strcmp(type, "env") == 0;
}

/* Whether a value may hold the user's name and password of a URL; also where its end was cut off as a comment, so
 * that no "@" is left: then it is no port that stands behind the colon. */
static bool may_hold_login(enum value_kind kind, const char *value)
{
    const char *colon = value + strcspn(value, ":");
    bool absolute = text_starts_with(colon, "://");
    bool url = kind == VALUE_URL || kind == VALUE_PROXY;
    if (!url) {
        return strstr(value, "://") != NULL && strchr(value, '@') != NULL;
    }
    const char *at = absolute ? colon + strlen("://") : value;
    at += strspn(at, "/");
    at += *at == '[' ? strcspn(at, "]") : 0; /* an address with colons of its own */
    at += strcspn(at, ":/?#");
    at += *at == ':' ? 1 + strspn(at + 1, "0123456789") : 0;
    return strchr(value, '@') != NULL || (*at != '\0' && strchr("/?#", *at) == NULL);
}

bool schema_is_secret(const char *type, const char *key, const char *value)
{
    const struct section *section = find_section(type);
    const struct setting *setting = section != NULL ? find_setting(section, key) : NULL;
    if (setting == NULL) {
        return true; /* an [env NAME] or a provider's section may hold anything */
    }
    enum value_kind kind = kind_of(setting);
    return kind == VALUE_SECRET || kind == VALUE_LOGIN_FIELDS || may_hold_login(kind, value);
}
