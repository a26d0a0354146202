/* Which sections and keys the configuration knows. */
#include "config/schema.h"

#include "base/json_scan.h"
#include "base/text.h"
#include "base/uri.h"
#include "config/config.h"
#include "config/login_mode.h"
#include "reference/reference.h"

#include <mstr/context.h>
#include <string.h>

enum kind { TEXT, SECRET, URL, PROXY, BOOLEAN, DURATION, COUNT, POSITIVE, ABSOLUTE_PATH, LOGIN_MODE, LOGIN_FIELDS };

struct setting {
    const char *key;
    enum kind kind;
};

static const struct setting profile_settings[] = {
    {"base_url", URL},
    {"username", TEXT},
    {"password", SECRET},
    {"api_key", SECRET},
    {"identity_token", SECRET},
    {"login_mode", LOGIN_MODE},
    {"application_type", COUNT},
    {"project", TEXT},
    {"login_fields", LOGIN_FIELDS},
    {"ca_file", ABSOLUTE_PATH},
    {"client_cert", ABSOLUTE_PATH},
    {"client_key", ABSOLUTE_PATH},
    {"client_key_password", SECRET},
    {"proxy", PROXY},
    {"proxy_username", TEXT},
    {"proxy_password", SECRET},
    {"no_proxy", TEXT},
    {"pinned_key", TEXT},
    {"connect_timeout", DURATION},
    {"stall_timeout", DURATION},
    {"timeout", DURATION},
    {"max_redirects", COUNT},
    {"relogin", BOOLEAN},
    {"keepalive", BOOLEAN},
    {"allow_plain_http", BOOLEAN},
    {"persistence_key", SECRET},
    {NULL, TEXT},
};
static const struct setting cache_settings[] = {
    {"ttl", DURATION}, {"stale_if_error", DURATION}, {"negative_ttl", DURATION}, {"max_entries", POSITIVE},
    {NULL, TEXT},
};
/* Those of the core, and the plain ones of our own plugins; a plugin's others are in its own table. */
static const struct setting provider_settings[] = {
    {"plugin", TEXT}, {"service", TEXT}, {"region", TEXT}, {"ca_file", TEXT}, {"profile", TEXT}, {NULL, TEXT},
};
static const struct setting plugins_settings[] = {{"path", TEXT}, {NULL, TEXT}};

static const struct section {
    const char *type;
    bool named;
    bool open; /* has more keys than these */
    const struct setting *settings;
} sections[] = {
    {"profile", true, false, profile_settings},
    {"provider", true, true, provider_settings},
    {"env", true, true, NULL},
    {"cache", false, false, cache_settings},
    {"plugins", false, false, plugins_settings},
    {NULL, false, false, NULL},
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
    if (section->named != (name != NULL)) {
        buffer_printf(problem, section->named ? "section [%s] needs a name: [%s NAME]" : "section [%s] takes no name",
                      type, type);
        return false;
    }
    if (strcmp(type, "provider") == 0 && !reference_is_scheme(name, strlen(name))) {
        buffer_printf(problem, "\"%s\" cannot be a scheme: a lower-case letter, then letters, digits and -", name);
        return false;
    }
    return true;
}

/* Without user name and password, which are settings of their own. */
static bool is_url(const char *value)
{
    struct uri uri;
    return uri_parse(value, &uri) && uri.user == NULL && uri.query == NULL && !uri.fragment;
}

static bool is_json_object(const char *value)
{
    struct json_span span;
    return json_scan_check(value, strlen(value), &span) && *span.at == '{';
}

/* What a value of this kind looks like when `value` does not, else NULL. */
static const char *mismatch(enum kind kind, const char *value)
{
    enum mstr_login_mode mode = MSTR_LOGIN_GUESS;
    int64_t number = 0;
    bool flag = false;
    switch (kind) {
    case URL:
        return is_url(value)                 ? NULL
               : uri_is_international(value) ? URI_INTERNATIONAL
                                             : "an absolute http or https URL without user name, query and fragment";
    case BOOLEAN:
        return config_boolean(value, &flag) ? NULL : "yes or no";
    case DURATION:
        return mstr_duration_parse(value, NULL) == MSTR_OK ? NULL : "a duration such as 250ms, 30s, 5m or 1h";
    case COUNT:
        return text_to_int64(value, &number) && number >= 0 && number <= INT32_MAX ? NULL : "a whole number";
    case POSITIVE:
        return text_to_int64(value, &number) && number > 0 ? NULL : "a whole number from 1 on";
    case ABSOLUTE_PATH:
        return value[0] == '/' ? NULL : "an absolute path";
    case LOGIN_FIELDS:
        return is_json_object(value) ? NULL : "a JSON object such as {\"workingSet\": 20}";
    case LOGIN_MODE:
        return login_mode_read(value, &mode)
                   ? NULL
                   : "standard, ldap, api-key, delegate, anonymous, or one of their numbers";
    default:
        return NULL;
    }
}

static bool is_variable(const char *name)
{
    return (name[0] < '0' || name[0] > '9') && text_is_made_of(name, "_");
}

bool schema_check_setting(const char *type, const char *key, const char *value, struct buffer *problem)
{
    const struct section *section = find_section(type);
    if (strcmp(type, "env") == 0 && !is_variable(key)) {
        buffer_printf(problem, "\"%s\" is no name of an environment variable: letters, digits and _", key);
        return false;
    }
    if (section == NULL || section->open) {
        return true;
    }
    const struct setting *setting = find_setting(section, key);
    if (setting == NULL) {
        const struct setting *at = section->settings;
        buffer_printf(problem, "unknown key \"%s\" in [%s]", key, type);
        suggest(problem, text_nearest(key, next_setting, &at));
        return false;
    }
    const char *expected = strstr(value, "${") == NULL ? mismatch(setting->kind, value) : NULL;
    if (expected != NULL) {
        buffer_printf(problem, "\"%s\" must be %s", key, expected);
        return false;
    }
    return true;
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
    return setting != NULL ? setting->kind == SECRET : strcmp(type, "env") == 0;
}

bool schema_keeps_case(const char *type)
{
    return strcmp(type, "env") == 0;
}

/* Whether a value may hold the user's name and password of a URL; also where its end was cut off as a comment, so
 * that no "@" is left: then it is no port that stands behind the colon. */
static bool may_hold_login(enum kind kind, const char *value)
{
    const char *colon = value + strcspn(value, ":");
    bool absolute = text_starts_with(colon, "://");
    bool url = kind == URL || kind == PROXY;
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
    return setting->kind == SECRET || setting->kind == LOGIN_FIELDS || may_hold_login(setting->kind, value);
}
