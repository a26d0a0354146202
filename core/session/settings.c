/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of a session. */
#include "session/settings.h"

#include "base/buffer.h"
#include "base/error.h"
#include "base/given.h"
#include "base/text.h"
#include "config/login_mode.h"
#include "config/schema.h"
#include "fleet/settings.h"
#include "secret/secret.h"

#include <mstr/context.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* An empty TEXT is as if it were not there; an empty TEXT_OR_NONE says that there is none, whatever the environment
 * has. */
enum kind { TEXT, TEXT_OR_NONE, MODE, APPLICATION, DURATION, COUNT, SWITCH };

/* Keys of a profile, and where a program gives the same. */
#define OWN(member)     offsetof(struct settings, member), 0
#define NETWORK(member) offsetof(struct settings, member), offsetof(mstr_network, member)
static const struct key {
    const char *name;
    enum kind kind;
    size_t offset;
    size_t network_offset; /* 0 = no text of the network */
} keys[] = {
    {"login_mode", MODE, OWN(login_mode)},
    {"application_type", APPLICATION, OWN(application_type)},
    {"connect_timeout", DURATION, OWN(connect_timeout)},
    {"stall_timeout", DURATION, OWN(stall_timeout)},
    {"timeout", DURATION, OWN(timeout)},
    {"max_redirects", COUNT, OWN(max_redirects)},
    {"relogin", SWITCH, OWN(relogin)},
    {"keepalive", SWITCH, OWN(keepalive)},
    {"allow_plain_http", SWITCH, OWN(allow_plain)},
    {"project", TEXT, OWN(project)},
    {"login_fields", TEXT, OWN(login_fields)},
    {"ca_file", TEXT, NETWORK(ca_file)},
    {"client_cert", TEXT, NETWORK(client_cert)},
    {"client_key", TEXT, NETWORK(client_key)},
    {"proxy", TEXT_OR_NONE, NETWORK(proxy)},
    {"proxy_username", TEXT, NETWORK(proxy_username)},
    {"no_proxy", TEXT_OR_NONE, NETWORK(no_proxy)},
    {"pinned_key", TEXT, NETWORK(pinned_key)},
};
#undef OWN
#undef NETWORK
enum { KEYS = sizeof(keys) / sizeof(*keys) };
_Static_assert((int)KEYS <= (int)SETTINGS_DEFERRED_MAX, "every key may hold a reference");

static void *field_of(const struct settings *settings, const struct key *key)
{
    return (char *)(uintptr_t)settings + key->offset;
}

static const char **network_text_of(const mstr_network *network, const struct key *key)
{
    return (const char **)(void *)((char *)(uintptr_t)network + key->network_offset);
}

static enum mstr_code replace(char **field, const char *text, mstr_error *error)
{
    text_wipe_free(*field);
    *field = text_copy(text);
    return *field != NULL ? MSTR_OK : error_set(error, MSTR_E_MEMORY, "out of memory");
}

/* That it is what the key must be: literals of a file were looked at when it was read, these were not. */
static enum mstr_code check_value(const char *key, const char *text, mstr_error *error)
{
    struct buffer problem = BUFFER_INIT;
    enum mstr_code code = MSTR_OK;
    if (!schema_check_value("profile", key, text, &problem)) {
        code = error_set(error, MSTR_E_CONFIG, "%s", buffer_text(&problem));
    }
    buffer_release(&problem);
    return code;
}

static enum mstr_code apply(struct settings *settings, const struct key *key, const char *text, mstr_error *error)
{
    void *field = field_of(settings, key);
    int64_t number = 0;
    enum mstr_code code = check_value(key->name, text, error);
    if (code != MSTR_OK) {
        return code;
    }
    switch (key->kind) {
    case TEXT:
        return *text != '\0' ? replace(field, text, error) : MSTR_OK;
    case TEXT_OR_NONE:
        return replace(field, text, error);
    case MODE:
        login_mode_read(text, field);
        break;
    case APPLICATION:
        text_to_int64(text, &number);
        *(int32_t *)field = (int32_t)number;
        break;
    case DURATION:
        mstr_duration_parse(text, field);
        break;
    case COUNT:
        text_to_int64(text, field);
        break;
    case SWITCH:
        config_boolean(text, field);
        break;
    }
    return MSTR_OK;
}

/* Reading a session's settings: what the program gives comes first, and leaves those keys of the profile alone. */
struct reading {
    const struct config *config;
    const char *section; /* NULL = none */
    struct settings *settings;
    bool given[KEYS];
};

static void mark(struct reading *reading, const void *field)
{
    for (size_t i = 0; i < KEYS; i++) {
        reading->given[i] |= field_of(reading->settings, &keys[i]) == field;
    }
}

static void give_number(struct reading *reading, int64_t *field, int64_t value)
{
    if (value > 0) {
        *field = value;
        mark(reading, field);
    }
}

enum mstr_code settings_check_network(const mstr_network *network, mstr_error *error)
{
    static const char what[] = "the network settings were";
    if (network == NULL) {
        return MSTR_OK;
    }
    if (given_check(what, MSTR_HAS(network, mstr_network, max_redirects), network->flags, MSTR_NETWORK_NO_ENVIRONMENT,
                    error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    const struct given_number numbers[] = {GIVEN_COUNT(network, mstr_network, connect_timeout),
                                           GIVEN_COUNT(network, mstr_network, stall_timeout),
                                           GIVEN_COUNT(network, mstr_network, max_redirects)};
    return given_numbers(what, numbers, sizeof(numbers) / sizeof(*numbers), error);
}

enum mstr_code settings_check(const mstr_session_options *options, mstr_error *error)
{
    static const char what[] = "the options of the session were";
    static const uint32_t known = MSTR_SESSION_NO_PROFILE | MSTR_SESSION_LOGOUT_DELEGATED | MSTR_SESSION_NO_RELOGIN |
                                  MSTR_SESSION_KEEPALIVE | MSTR_SESSION_ALLOW_PLAIN | MSTR_SESSION_TRIAL |
                                  MSTR_SESSION_AWAIT_LOGIN;
    if (given_check(what, MSTR_HAS(options, mstr_session_options, timeout), options->flags, known, error) !=
        MSTR_OK) {
        return MSTR_E_USAGE;
    }
    if (!login_mode_is_known(options->login_mode)) {
        return error_set(error, MSTR_E_USAGE, "%s given login_mode = %d, which is no mode of MSTR_LOGIN_…", what,
                         (int)options->login_mode);
    }
    const struct given_number numbers[] = {GIVEN_COUNT(options, mstr_session_options, application_type),
                                           GIVEN_COUNT(options, mstr_session_options, connect_timeout),
                                           GIVEN_COUNT(options, mstr_session_options, timeout)};
    return given_numbers(what, numbers, sizeof(numbers) / sizeof(*numbers), error);
}

static enum mstr_code read_network(struct reading *reading, const mstr_network *network, mstr_error *error)
{
    struct settings *settings = reading->settings;
    enum mstr_code code = MSTR_OK;
    if (settings_check_network(network, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    for (size_t i = 0; i < KEYS && code == MSTR_OK; i++) {
        const char *text = keys[i].network_offset != 0 ? *network_text_of(network, &keys[i]) : NULL;
        if (text != NULL) {
            reading->given[i] = true;
            code = replace(field_of(settings, &keys[i]), text, error);
        }
    }
    settings->network_flags = network->flags;
    give_number(reading, &settings->connect_timeout, network->connect_timeout);
    give_number(reading, &settings->stall_timeout, network->stall_timeout);
    give_number(reading, &settings->max_redirects, network->max_redirects);
    return code;
}

static enum mstr_code read_options(struct reading *reading, const mstr_session_options *options, mstr_error *error)
{
    struct settings *settings = reading->settings;
    settings->flags = options->flags;
    give_number(reading, &settings->connect_timeout, options->connect_timeout);
    give_number(reading, &settings->timeout, options->timeout);
    if ((options->flags & MSTR_SESSION_KEEPALIVE) != 0) {
        settings->keepalive = true;
    }
    if ((options->flags & MSTR_SESSION_ALLOW_PLAIN) != 0) {
        settings->allow_plain = true;
        mark(reading, &settings->allow_plain);
    }
    if ((options->flags & MSTR_SESSION_NO_RELOGIN) != 0) {
        settings->relogin = false;
        mark(reading, &settings->relogin);
    }
    if (options->login_mode != MSTR_LOGIN_GUESS) {
        settings->login_mode = options->login_mode;
        mark(reading, &settings->login_mode);
    }
    if (options->application_type > 0) {
        settings->application_type = options->application_type;
        mark(reading, &settings->application_type);
    }
    settings->cancel = MSTR_HAS(options, mstr_session_options, cancel) ? options->cancel : NULL;
    enum mstr_code code = MSTR_OK;
    if (options->project != NULL) {
        code = replace(&settings->project, options->project, error);
        mark(reading, &settings->project);
    }
    if (code == MSTR_OK && MSTR_HAS(options, mstr_session_options, login_fields) && options->login_fields != NULL) {
        code = check_value("login_fields", options->login_fields, error);
        code = code == MSTR_OK ? replace(&settings->login_fields, options->login_fields, error) : code;
        mark(reading, &settings->login_fields);
    }
    if (code == MSTR_OK && MSTR_HAS(options, mstr_session_options, session_file) && options->session_file != NULL) {
        code = replace(&settings->session_file, options->session_file, error);
    }
    if (code == MSTR_OK && MSTR_HAS(options, mstr_session_options, network) && options->network != NULL) {
        code = read_network(reading, options->network, error);
    }
    return code;
}

static enum mstr_code tell_place(const struct config_value *value, enum mstr_code code, mstr_error *error)
{
    if (code == MSTR_E_CONFIG) {
        error_prefix(error, "%s:%u: ", value->file, value->line);
    }
    return code;
}

static enum mstr_code read_profile(struct reading *reading, mstr_error *error)
{
    struct settings *settings = reading->settings;
    for (size_t i = 0; i < KEYS; i++) {
        const struct config_value *value =
            reading->given[i] ? NULL : config_get(reading->config, reading->section, keys[i].name);
        enum mstr_code code = MSTR_OK;
        if (value != NULL && strstr(value->text, "${") != NULL) {
            settings->deferred[settings->deferred_count].key = &keys[i];
            settings->deferred[settings->deferred_count++].value = value;
        } else if (value != NULL) {
            code = tell_place(value, apply(settings, &keys[i], value->text, error), error);
        }
        if (code != MSTR_OK) {
            return code;
        }
    }
    return MSTR_OK;
}

static enum mstr_code read_credentials(const struct reading *reading,
                                       mstr_credential *credentials[MSTR_CREDENTIAL_KINDS], mstr_error *error)
{
    for (int kind = 0; kind < MSTR_CREDENTIAL_KINDS; kind++) {
        const struct config_value *value =
            config_get(reading->config, reading->section, mstr_credential_kind_name((enum mstr_credential_kind)kind));
        if (value != NULL && (credentials[kind] = mstr_credential_template(value->text)) == NULL) {
            return error_set(error, MSTR_E_MEMORY, "out of memory");
        }
    }
    return MSTR_OK;
}

/* Whether the program gave any of it but how long it will wait, for a login that is cancelled too. */
static bool is_given(const struct reading *reading, const mstr_session_options *options)
{
    const struct settings *settings = reading->settings;
    bool given = (options->flags & ~MSTR_SESSION_AWAIT_LOGIN) != 0 || settings->session_file != NULL ||
                 settings->network_flags != 0;
    for (size_t i = 0; i < KEYS; i++) {
        given = given || (reading->given[i] && field_of(settings, &keys[i]) != &settings->timeout);
    }
    return given;
}

/* Whether a variable stands over the profile. */
static bool is_varied(const struct config *config, const char *section)
{
    const char *key = NULL;
    for (size_t i = 0; (key = config_key_at(config, section, i)) != NULL; i++) {
        if (config_get(config, section, key)->line == 0) {
            return true;
        }
    }
    return false;
}

/* Which fleet shares the session: a file that keeps it is for this user's processes alone. */
static enum mstr_code find_fleet(const struct reading *reading, mstr_error *error)
{
    struct settings *settings = reading->settings;
    struct buffer section = BUFFER_INIT;
    enum mstr_code code = fleet_settings_find(reading->config, reading->section, &section, error);
    if (code == MSTR_OK && section.length > 0 && settings->session_file == NULL) {
        code = replace(&settings->fleet, buffer_text(&section), error);
    }
    buffer_release(&section);
    return code;
}

enum mstr_code settings_read(const mstr_session_options *options, const struct config *config,
                             struct settings *settings, mstr_credential *credentials[MSTR_CREDENTIAL_KINDS],
                             mstr_error *error)
{
    struct buffer section = BUFFER_INIT;
    struct reading reading = {.config = config, .settings = settings};
    *settings = (struct settings){
        .application_type = 8, .connect_timeout = 10000, .timeout = 300000, .max_redirects = 5, .relogin = true};
    enum mstr_code code = read_options(&reading, options, error);
    if (code == MSTR_OK && (options->flags & MSTR_SESSION_NO_PROFILE) == 0) {
        code = config_find_profile(config, options->profile, &section, &settings->profile_absent, error);
        reading.section = buffer_text(&section);
        settings->own = is_given(&reading, options) || is_varied(config, reading.section);
        code = code == MSTR_OK ? read_profile(&reading, error) : code;
        code = code == MSTR_OK ? read_credentials(&reading, credentials, error) : code;
        code = code == MSTR_OK ? find_fleet(&reading, error) : code;
    }
    buffer_release(&section);
    return code;
}

enum mstr_code settings_expand(struct settings *settings, mstr_context *context, const struct limits *limits,
                               mstr_error *error)
{
    for (size_t i = 0; i < settings->deferred_count; i++) {
        const struct key *key = settings->deferred[i].key;
        const struct config_value *value = settings->deferred[i].value;
        mstr_secret *text = NULL;
        enum mstr_code code = context_expand(context, value->text, limits, &text, error);
        const char *octets = code == MSTR_OK ? secret_text(text, error) : NULL;
        if (octets != NULL) {
            code = tell_place(value, apply(settings, key, octets, error), error);
        } else {
            code = code != MSTR_OK ? code : MSTR_E_CONFIG;
            error_prefix(error, "%s: ", key->name);
        }
        mstr_secret_release(text);
        if (code != MSTR_OK) {
            return code;
        }
    }
    settings->deferred_count = 0;
    return MSTR_OK;
}

mstr_network settings_network(const struct settings *settings, const mstr_network *own)
{
    static const mstr_network none = MSTR_NETWORK_INIT;
    mstr_network network = own != NULL && MSTR_HAS(own, mstr_network, max_redirects) ? *own : none;
    for (size_t i = 0; i < KEYS; i++) {
        if (keys[i].network_offset != 0) {
            const char **text = network_text_of(&network, &keys[i]);
            *text = *text != NULL ? *text : *(char **)field_of(settings, &keys[i]);
        }
    }
    /* A key belongs to its certificate, and a name to its proxy. */
    if (network.client_cert != settings->client_cert && own->client_key == NULL) {
        network.client_key = NULL;
    }
    if (network.proxy != settings->proxy && own->proxy_username == NULL) {
        network.proxy_username = NULL;
    }
    network.flags |= settings->network_flags;
    network.connect_timeout = network.connect_timeout > 0 ? network.connect_timeout : settings->connect_timeout;
    network.stall_timeout = network.stall_timeout > 0 ? network.stall_timeout : settings->stall_timeout;
    network.max_redirects = network.max_redirects > 0 ? network.max_redirects : (int32_t)settings->max_redirects;
    return network;
}

void settings_release(struct settings *settings)
{
    for (size_t i = 0; i < KEYS; i++) {
        if (keys[i].kind == TEXT || keys[i].kind == TEXT_OR_NONE) {
            text_wipe_free(*(char **)field_of(settings, &keys[i]));
        }
    }
    text_wipe_free(settings->fleet);
    text_wipe_free(settings->session_file);
    *settings = (struct settings){0};
}
