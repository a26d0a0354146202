/* SPDX-License-Identifier: Apache-2.0 */
/* The section [agent] of the configuration as the server uses it. */
#include "settings.h"

#include "base/text.h"

#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

/* The section while it is read. */
struct reading {
    mstr_context *context;
    struct settings *settings;
    mstr_error *error;
    enum mstr_code code;
    char *texts[6];
};

enum { ALLOW, PROFILES, USERS, GROUPS, MEMORY, FOREIGN };

enum kind { TEXT, OWN_TEXT, DURATION, UNSIGNED, SIZE };

static const struct key {
    const char *name;
    enum kind kind;
    size_t place; /* in struct settings, or in reading.texts */
} keys[] = {
    {"socket", TEXT, offsetof(struct settings, socket)},
    {"listen", TEXT, offsetof(struct settings, listen)},
    {"token_file", TEXT, offsetof(struct settings, token_file)},
    {"prefetch", TEXT, offsetof(struct settings, prefetch)},
    {"allow", OWN_TEXT, ALLOW},
    {"profiles", OWN_TEXT, PROFILES},
    {"allow_user", OWN_TEXT, USERS},
    {"allow_group", OWN_TEXT, GROUPS},
    {"memory", OWN_TEXT, MEMORY},
    {"allow_foreign_namespace", OWN_TEXT, FOREIGN},
    {"idle", DURATION, offsetof(struct settings, idle)},
    {"connections", UNSIGNED, offsetof(struct settings, quota.connections)},
    {"user_connections", UNSIGNED, offsetof(struct settings, quota.user_connections)},
    {"user_fetches", UNSIGNED, offsetof(struct settings, quota.user_fetches)},
    {"header_octets", SIZE, offsetof(struct settings, header_octets)},
    {"head_timeout", DURATION, offsetof(struct settings, head_timeout)},
    {"connection_idle", DURATION, offsetof(struct settings, connection_idle)},
    {"write_stall", DURATION, offsetof(struct settings, write_stall)},
    {"references", SIZE, offsetof(struct settings, references)},
    {"workers", SIZE, offsetof(struct settings, workers)},
    {"instance_workers", SIZE, offsetof(struct settings, instance_workers)},
    {"session_requests", SIZE, offsetof(struct settings, session_requests)},
    {"replay_octets", SIZE, offsetof(struct settings, replay_octets)},
    {"working_set", SIZE, offsetof(struct settings, working_set)},
    {"allow_auth", TEXT, offsetof(struct settings, allow_auth)},
};

static const struct settings defaults = {
    .quota = {.connections = 1024, .user_connections = 768, .user_fetches = 600},
    .header_octets = 24 * 1024,
    .head_timeout = 10 * 1000,
    .connection_idle = 60 * 1000,
    .write_stall = 30 * 1000,
    .references = 1000,
    .workers = 32,
    .instance_workers = 8,
    .session_requests = 16,
    .replay_octets = 1024 * 1024,
    .working_set = 50,
};

static const struct key *find_key(const char *name)
{
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
        if (strcmp(keys[i].name, name) == 0) {
            return &keys[i];
        }
    }
    return NULL;
}

/* The value was looked at when it was read, but for one that came by a reference. */
static bool put(struct reading *reading, const struct key *key, const char *text)
{
    char *place = (char *)reading->settings + key->place;
    int64_t number = 0;
    bool good = true;
    switch (key->kind) {
    case TEXT:
        return (*(char **)(void *)place = text_copy(text)) != NULL;
    case OWN_TEXT:
        return (reading->texts[key->place] = text_copy(text)) != NULL;
    case DURATION:
        return mstr_duration_parse(text, (int64_t *)(void *)place) == MSTR_OK;
    case UNSIGNED:
        good = text_to_int64(text, &number) && number > 0;
        *(unsigned *)(void *)place = (unsigned)number;
        return good;
    case SIZE:
        good = text_to_int64(text, &number) && number > 0;
        *(size_t *)(void *)place = (size_t)number;
        return good;
    }
    return false;
}

static int read_key(const mstr_config_item *item, void *data)
{
    struct reading *reading = data;
    const struct key *key = find_key(item->key);
    mstr_secret *value = NULL;
    if (key == NULL) { /* a client's */
        return 0;
    }
    reading->code = mstr_context_setting(reading->context, "agent", item->key, NULL, &value, reading->error);
    if (reading->code == MSTR_OK && !put(reading, key, mstr_secret_octets(value))) {
        reading->code =
            key->kind == TEXT || key->kind == OWN_TEXT /* which are only copied */
                ? mstr_error_set(reading->error, MSTR_E_MEMORY, "out of memory")
                : mstr_error_set(reading->error, MSTR_E_CONFIG, "\"%s\" in [agent] is of no use", item->key);
    }
    mstr_secret_release(value);
    return reading->code != MSTR_OK;
}

bool agent_settings_is_yes(const char *text)
{
    static const char *const words[] = {"yes", "true", "on", "1"};
    for (size_t i = 0; text != NULL && i < sizeof(words) / sizeof(*words); i++) {
        if (text_equal_nocase(text, words[i])) {
            return true;
        }
    }
    return false;
}

static bool give(char **text, const char *given)
{
    if (given == NULL) {
        return true;
    }
    free(*text);
    *text = text_copy(given);
    return *text != NULL;
}

static enum mstr_code use_texts(const struct reading *reading, const struct given *given)
{
    struct settings *settings = reading->settings;
    const char *key = NULL;
    const struct agent_rules_text text = {.allow = reading->texts[ALLOW],
                                          .profiles = reading->texts[PROFILES],
                                          .allow_user = reading->texts[USERS],
                                          .allow_group = reading->texts[GROUPS],
                                          .listen = settings->listen,
                                          .token_file = settings->token_file,
                                          .tcp = given->tcp ? "a TCP socket of systemd" : NULL};
    enum mstr_code code = agent_rules_read(&text, &settings->named, &key, reading->error);
    settings->memory_locked = reading->texts[MEMORY] != NULL && strcmp(reading->texts[MEMORY], "locked") == 0;
    settings->policy = settings->named.policy;
    settings->rules = (struct peer_rules){.own = geteuid(),
                                          .users = settings->named.users,
                                          .user_count = settings->named.user_count,
                                          .groups = settings->named.groups,
                                          .group_count = settings->named.group_count,
                                          .foreign_namespace = agent_settings_is_yes(reading->texts[FOREIGN])};
    return code;
}

enum mstr_code agent_settings_read(mstr_context *context, const struct given *given, struct settings *settings,
                                   mstr_error *error)
{
    struct reading reading = {.context = context, .settings = settings, .error = error};
    *settings = defaults;
    if (mstr_context_section(context, "agent", read_key, &reading, NULL) == MSTR_E_MEMORY) {
        reading.code = mstr_error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (reading.code == MSTR_OK &&
        !(give(&settings->listen, given->listen) && give(&settings->token_file, given->token_file))) {
        reading.code = mstr_error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (reading.code == MSTR_OK) {
        reading.code = use_texts(&reading, given);
    }
    for (size_t i = 0; i < sizeof(reading.texts) / sizeof(*reading.texts); i++) {
        free(reading.texts[i]);
    }
    return reading.code;
}

void agent_settings_release(struct settings *settings)
{
    free(settings->socket);
    free(settings->listen);
    free(settings->token_file);
    free(settings->prefetch);
    free(settings->allow_auth);
    agent_rules_release(&settings->named);
}
