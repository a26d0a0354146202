/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds of values of the configuration. */
#include "config/value.h"

#include "base/json_scan.h"
#include "base/text.h"
#include "base/uri.h"
#include "config/config.h"
#include "config/login_mode.h"
#include "http/pinned_key.h"
#include "http/proxy.h"

#include <mstr/context.h>
#include <string.h>

enum { LOGIN_FIELDS_MAX = 16 * 1024, FLEET_SESSIONS_MAX = 64 };

/* Without user name and password, which are settings of their own. */
static const char *url_fault(const char *value)
{
    struct uri uri;
    bool memory = true; /* without it, whoever sends to the URL fails */
    if (!uri_parse(value, &uri) || uri.user != NULL || uri.query != NULL || uri.fragment) {
        return uri_is_international(value) ? URI_INTERNATIONAL
                                           : "an absolute http or https URL without user name, query and fragment";
    }
    return uri_path_fault(uri.path, uri.path_length, &memory) == NULL
               ? NULL
               : "a URL without ; and without an empty or dot segment, also encoded, in its path";
}

/* Members of a login's body that do not come from credentials and settings of their own. */
static const char *login_fields_fault(const char *value)
{
    static const char *const own[] = {"username", "password", "loginMode", "applicationType", "identityToken"};
    size_t length = strlen(value);
    struct json_span object;
    struct json_span member;
    if (length > LOGIN_FIELDS_MAX || !json_scan_check(value, length, &object) || *object.at != '{') {
        return "a JSON object such as {\"workingSet\": 20}";
    }
    for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
        if (json_scan_member(object, own[i], strlen(own[i]), &member)) {
            return "a JSON object such as {\"workingSet\": 20}, without what a login says anyway";
        }
    }
    return NULL;
}

/* Those of a search path, separated by colons. */
static bool are_folders(const char *value)
{
    for (const char *at = value; *at != '\0';) {
        size_t length = strcspn(at, ":");
        if (length > 0 && *at != '/') {
            return false;
        }
        at += length + (at[length] == ':');
    }
    return true;
}

static bool is_count(const char *value, int64_t least, int64_t most)
{
    int64_t number = 0;
    return text_to_int64(value, &number) && number >= least && number <= most;
}

static const char *duration_fault(const char *value, int64_t least)
{
    int64_t milliseconds = 0;
    return mstr_duration_parse(value, &milliseconds) != MSTR_OK ? "a duration such as 250ms, 30s, 5m or 1h"
           : milliseconds < least                               ? "a duration longer than 0"
                                                                : NULL;
}

/* The addresses that mstr-agent may listen on, where nobody of another machine comes. */
static bool is_loopback(const char *value)
{
    static const char *const hosts[] = {"127.0.0.1:", "[::1]:"};
    int64_t port = 0;
    for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
        if (text_starts_with(value, hosts[i])) {
            return text_to_int64(value + strlen(hosts[i]), &port) && port >= 0 && port <= UINT16_MAX;
        }
    }
    return false;
}

static bool is_one_of(const char *value, const char *const words[])
{
    while (*words != NULL && strcmp(*words, value) != 0) {
        words++;
    }
    return *words != NULL;
}

static bool is_agent_use(const char *value)
{
    return is_one_of(value, (const char *const[]){"auto", "off", "require", NULL});
}

static const char *fleet_fault(enum value_kind kind, const char *value)
{
    switch (kind) {
    case VALUE_FLEET_SESSIONS:
        return is_count(value, 1, FLEET_SESSIONS_MAX) ? NULL : "a whole number from 1 to 64";
    case VALUE_FLEET_FAILURE:
        return is_one_of(value, (const char *const[]){"local", "keep", "fail", NULL}) ? NULL : "local, keep or fail";
    default:
        return is_one_of(value, (const char *const[]){"never", "last", NULL}) ? NULL : "never or last";
    }
}

/* Those that may be empty. */
static const char *optional_fault(enum value_kind kind, const char *value)
{
    struct proxy proxy;
    switch (kind) {
    case VALUE_PROXY:
        return proxy_read(value, &proxy) ? NULL : "the URL of a proxy, " PROXY_FORMS;
    case VALUE_PROXY_EXCEPTIONS:
        return proxy_exceptions_are_good(value)
                   ? NULL
                   : "a list of hosts such as example.com, *.example.com, host:8443, 10.0.0.0/8 or *";
    case VALUE_PINNED_KEY:
        return pinned_key_has_form(value) ? NULL : PINNED_KEY_FORMS;
    case VALUE_PATH:
        return value[0] == '/' ? NULL : "an absolute path";
    case VALUE_FOLDERS:
        return are_folders(value) ? NULL : "absolute paths of folders, separated by colons";
    case VALUE_LOGIN_FIELDS:
        return login_fields_fault(value);
    default:
        return NULL;
    }
}

const char *value_fault(enum value_kind kind, const char *value)
{
    enum mstr_login_mode mode = MSTR_LOGIN_GUESS;
    bool flag = false;
    switch (kind) {
    case VALUE_URL:
        return url_fault(value);
    case VALUE_BOOLEAN:
        return config_boolean(value, &flag) ? NULL : "yes or no";
    case VALUE_DURATION:
        return duration_fault(value, 0);
    case VALUE_TIMEOUT:
        return duration_fault(value, 1);
    case VALUE_COUNT:
        return is_count(value, 0, INT32_MAX) ? NULL : "a whole number";
    case VALUE_POSITIVE:
        return is_count(value, 1, INT32_MAX) ? NULL : "a whole number from 1 on";
    case VALUE_LOGIN_MODE:
        return login_mode_read(value, &mode)
                   ? NULL
                   : "standard, ldap, api-key, delegate, anonymous, or one of their numbers";
    case VALUE_AGENT_USE:
        return is_agent_use(value) ? NULL : "auto, off or require";
    case VALUE_AGENT_MEMORY:
        return strcmp(value, "locked") == 0 ? NULL : "locked, or left out";
    case VALUE_LOOPBACK:
        return is_loopback(value) ? NULL : "127.0.0.1:PORT or [::1]:PORT";
    case VALUE_FLEET_SESSIONS:
    case VALUE_FLEET_FAILURE:
    case VALUE_FLEET_LOGOUT:
        return fleet_fault(kind, value);
    default:
        return *value != '\0' ? optional_fault(kind, value) : NULL;
    }
}
