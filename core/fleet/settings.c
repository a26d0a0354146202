/* SPDX-License-Identifier: Apache-2.0 */
/* What a section [fleet] says. */
#include "fleet/settings.h"

#include "base/text.h"
#include "config/schema.h"
#include "plugin/options.h"
#include "secret/secret.h"

#include <stdlib.h>
#include <string.h>

/* Of the core; what is not read here has no value of its own beside it. */
static const char *const own[] = {"store",         "seal_key",         "seal_key_old", "sessions",
                                  "share_secrets", "on_store_failure", "logout",       "namespace"};

bool fleet_settings_keeps_key(const char *key)
{
    for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
        if (strcmp(own[i], key) == 0) {
            return true;
        }
    }
    return false;
}

enum mstr_code fleet_settings_find(const struct config *config, const char *profile, struct buffer *section,
                                   mstr_error *error)
{
    const struct config_value *named = config_get(config, profile, "fleet");
    if (named == NULL && !config_has_section(config, "fleet")) {
        return MSTR_OK;
    }
    if (named == NULL) {
        buffer_puts(section, "fleet");
    } else if (*named->text != '\0') {
        buffer_printf(section, "fleet %s", named->text);
    }
    if (section->failed) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    return named == NULL || *named->text == '\0' || config_has_section(config, buffer_text(section))
               ? MSTR_OK
               : error_set(error, MSTR_E_CONFIG, "there is no section [%s], which \"fleet\" names",
                           buffer_text(section));
}

/* An empty one is as if it were not there. */
static const char *text_of(const struct config *config, const char *section, const char *key)
{
    const struct config_value *value = config_get(config, section, key);
    return value != NULL && *value->text != '\0' ? value->text : NULL;
}

enum mstr_code fleet_settings_check(const struct config *config, const char *section, mstr_error *error)
{
    if (text_of(config, section, "store") == NULL) {
        return error_set(error, MSTR_E_CONFIG, "[%s] lacks its store, which names a module", section);
    }
    if (text_of(config, section, "seal_key") == NULL) {
        error_set(error, MSTR_E_CONFIG, "[%s] lacks its seal_key, without which nothing is shared", section);
        error_set_hint(error, "keep 32 random octets in a secret store, as openssl rand -base64 32 makes them, and "
                              "write a reference to them");
        return MSTR_E_CONFIG;
    }
    return MSTR_OK;
}

enum mstr_code fleet_settings_check_key(const char *key, const char *text, size_t length, mstr_error *error)
{
    static const char some[] = "0000000000000000000000000000000000000000000000000000000000000000";
    const struct secret_facts facts = {.source = SECRET_FROM_STORE};
    struct fleet_keys *keys = NULL;
    mstr_secret *good = secret_make(some, sizeof(some) - 1, &facts);
    mstr_secret *secret = secret_make(text, length, &facts);
    bool old = strcmp(key, "seal_key_old") == 0; /* which needs a current one beside it */
    enum mstr_code code = good != NULL && secret != NULL
                              ? fleet_keys_new(old ? good : secret, old ? secret : NULL, NULL, &keys, error)
                              : error_set(error, MSTR_E_MEMORY, "out of memory");
    fleet_keys_free(keys);
    mstr_secret_release(secret);
    mstr_secret_release(good);
    return code;
}

static enum mstr_code blame(const struct config *config, const char *section, const char *key, mstr_error *error)
{
    const struct config_value *value = config_get(config, section, key);
    if (value != NULL) {
        error_prefix(error, "%s:%u: \"%s\": ", value->file, value->line, key);
    }
    return mstr_error_code(error);
}

/* A section whose values are being found out. */
struct reading {
    const struct config *config;
    const char *section;
    size_t count; /* of its keys */
    struct template **templates;
    struct evaluation *evaluations;
};

static const char *key_at(const struct reading *reading, size_t index)
{
    return config_key_at(reading->config, reading->section, index);
}

static enum mstr_code reading_init(struct reading *reading, const struct config *config, const char *section,
                                   mstr_error *error)
{
    *reading = (struct reading){.config = config, .section = section};
    while (key_at(reading, reading->count) != NULL) {
        reading->count++;
    }
    reading->templates = calloc(reading->count + 1, sizeof(*reading->templates));
    reading->evaluations = calloc(reading->count + 1, sizeof(*reading->evaluations));
    if (reading->templates == NULL || reading->evaluations == NULL) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    for (size_t i = 0; i < reading->count; i++) {
        const char *key = key_at(reading, i);
        if (template_parse(config_get(config, section, key)->text, &reading->templates[i], error) != MSTR_OK) {
            return blame(config, section, key, error);
        }
        reading->evaluations[i] = (struct evaluation){.template = reading->templates[i], .error = mstr_error_new()};
    }
    return MSTR_OK;
}

static void reading_release(struct reading *reading)
{
    for (size_t i = 0; reading->evaluations != NULL && reading->templates != NULL && i < reading->count; i++) {
        mstr_secret_release(reading->evaluations[i].value);
        mstr_error_free(reading->evaluations[i].error);
        template_free(reading->templates[i]);
    }
    free(reading->evaluations);
    free(reading->templates);
}

/* What references came to has to be of the key's kind, as what is written was. */
static enum mstr_code check_value(const struct reading *reading, size_t index, mstr_error *error)
{
    const struct evaluation *evaluation = &reading->evaluations[index];
    struct buffer problem = BUFFER_INIT;
    enum mstr_code code = evaluation->code;
    if (code != MSTR_OK) {
        error_copy(error, evaluation->error);
    } else if (secret_text(evaluation->value, error) == NULL) {
        code = MSTR_E_CONFIG;
    } else if (!schema_check_value("fleet", key_at(reading, index), mstr_secret_octets(evaluation->value),
                                   &problem)) {
        code = error_set(error, MSTR_E_CONFIG, "%s", buffer_text(&problem));
    }
    buffer_release(&problem);
    return code == MSTR_OK ? code : blame(reading->config, reading->section, key_at(reading, index), error);
}

/* The value of a key; NULL where it is absent or empty. */
static const mstr_secret *value_of(const struct reading *reading, const char *key)
{
    for (size_t i = 0; i < reading->count; i++) {
        const mstr_secret *value = reading->evaluations[i].value;
        if (strcmp(key_at(reading, i), key) == 0) {
            return mstr_secret_length(value) > 0 ? value : NULL;
        }
    }
    return NULL;
}

static bool says(const struct reading *reading, const char *key, const char *word)
{
    const mstr_secret *value = value_of(reading, key);
    return value != NULL && strcmp(mstr_secret_octets(value), word) == 0;
}

static void take_rules(const struct reading *reading, struct fleet_rules *rules)
{
    const mstr_secret *sessions = value_of(reading, "sessions");
    int64_t number = 1;
    if (sessions != NULL) {
        text_to_int64(mstr_secret_octets(sessions), &number);
    }
    rules->sessions = (unsigned)number;
    rules->on_failure = says(reading, "on_store_failure", "keep")   ? FLEET_KEEP
                        : says(reading, "on_store_failure", "fail") ? FLEET_STOP
                                                                    : FLEET_LOCAL;
    rules->logout = says(reading, "logout", "last");
}

static enum mstr_code take_keys(const struct reading *reading, struct fleet_keys **keys, mstr_error *error)
{
    const mstr_secret *space = value_of(reading, "namespace");
    enum mstr_code code = fleet_keys_new(value_of(reading, "seal_key"), value_of(reading, "seal_key_old"),
                                         space != NULL ? mstr_secret_octets(space) : NULL, keys, error);
    if (code == MSTR_E_CONFIG) {
        bool old = text_starts_with(mstr_error_message(error), "seal_key_old");
        blame(reading->config, reading->section, old ? "seal_key_old" : "seal_key", error);
    }
    return code;
}

/* All that is not the core's. False without memory. */
static bool take_options(const struct reading *reading, struct mstr_header **options)
{
    size_t filled = 0;
    *options = calloc(reading->count + 1, sizeof(**options));
    for (size_t i = 0; *options != NULL && i < reading->count; i++) {
        const mstr_secret *value = reading->evaluations[i].value;
        if (fleet_settings_keeps_key(key_at(reading, i)) || mstr_secret_length(value) == 0) {
            continue;
        }
        const struct mstr_header option = {text_copy(key_at(reading, i)), text_copy(mstr_secret_octets(value))};
        if (option.name == NULL || option.value == NULL) {
            free((char *)(uintptr_t)option.name);
            text_wipe_free((char *)(uintptr_t)option.value);
            return false;
        }
        (*options)[filled++] = option;
    }
    return *options != NULL;
}

static enum mstr_code take(const struct reading *reading, struct fleet_settings *out, mstr_error *error)
{
    const mstr_secret *shared = value_of(reading, "share_secrets");
    enum mstr_code code = MSTR_OK;
    for (size_t i = 0; code == MSTR_OK && i < reading->count; i++) {
        code = check_value(reading, i, error);
    }
    if (code == MSTR_OK) {
        code = take_keys(reading, &out->keys, error);
    }
    if (code != MSTR_OK) {
        return code;
    }
    take_rules(reading, &out->rules);
    out->section = text_copy(reading->section);
    out->store = text_copy(mstr_secret_octets(value_of(reading, "store")));
    out->share_secrets = text_copy(shared != NULL ? mstr_secret_octets(shared) : "");
    return take_options(reading, &out->options) && out->section != NULL && out->store != NULL &&
                   out->share_secrets != NULL
               ? MSTR_OK
               : error_set(error, MSTR_E_MEMORY, "out of memory");
}

enum mstr_code fleet_settings_read(const struct config *config, const char *section, const struct resolver *resolver,
                                   const struct limits *limits, struct fleet_settings *out, mstr_error *error)
{
    struct reading reading;
    *out = (struct fleet_settings){.section = NULL};
    enum mstr_code code = fleet_settings_check(config, section, error);
    if (code != MSTR_OK) {
        return code;
    }
    code = reading_init(&reading, config, section, error);
    if (code == MSTR_OK) {
        resolver_evaluate(resolver, reading.evaluations, reading.count, false, limits);
        code = take(&reading, out, error);
    }
    reading_release(&reading);
    return code;
}

void fleet_settings_release(struct fleet_settings *settings)
{
    fleet_keys_free(settings->keys);
    options_free_given(settings->options);
    free(settings->section);
    free(settings->store);
    free(settings->share_secrets);
    *settings = (struct fleet_settings){.section = NULL};
}
