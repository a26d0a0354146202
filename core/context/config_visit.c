/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration as it was read, for whoever wants to see it: settings, problems, files. */
#include "base/given.h"
#include "base/text.h"
#include "base/trusted_folders.h"
#include "base/uri.h"
#include "config/schema.h"
#include "context/config_check.h"
#include "context/context.h"
#include "http/proxy.h"
#include "http/trust.h"

#include <string.h>

static enum mstr_code tell_settings(const struct config *config, struct config_listener *listener, mstr_error *error)
{
    const char *section = NULL;
    for (size_t i = 0; (section = config_section_at(config, i)) != NULL; i++) {
        const char *key = NULL;
        for (size_t j = 0; (key = config_key_at(config, section, j)) != NULL; j++) {
            const struct config_value *value = config_get(config, section, key);
            struct buffer shown = BUFFER_INIT;
            bool any = config_show(section, key, value->text, value->comment, &shown);
            if (shown.failed) {
                buffer_release(&shown);
                return error_set(error, MSTR_E_MEMORY, "out of memory");
            }
            const mstr_config_item item = {.size = sizeof(item),
                                           .line = value->line,
                                           .file = value->file,
                                           .section = section,
                                           .key = key,
                                           .value = any ? buffer_text(&shown) : NULL};
            config_listener_tell(listener, &item);
            buffer_release(&shown);
        }
    }
    return MSTR_OK;
}

static void tell_problems(const struct config *config, struct config_listener *listener)
{
    const struct config_problem *problem = NULL;
    for (size_t i = 0; (problem = config_problem_at(config, i)) != NULL; i++) {
        const mstr_config_item item = {.size = sizeof(item),
                                       .line = problem->line,
                                       .file = problem->file,
                                       .section = problem->section,
                                       .problem = problem->text};
        config_listener_tell(listener, &item);
    }
}

static void tell_paths(const struct config *config, struct config_listener *listener)
{
    const struct config_file *file = NULL;
    for (size_t i = 0; (file = config_file_at(config, i)) != NULL; i++) {
        const mstr_config_item item = {.size = sizeof(item), .file = file->path, .problem = file->problem};
        config_listener_tell(listener, &item);
    }
}

static void tell_trusted_folder(const char *folder, const char *fault, void *data)
{
    struct buffer meaning = BUFFER_INIT;
    buffer_printf(&meaning, "%s%s",
                  fault != NULL ? "it does not count: "
                                : "whoever may write there decides which programs run and which identity is used",
                  fault != NULL ? fault : "");
    const mstr_config_item item = {.size = sizeof(item),
                                   .file = "environment",
                                   .key = "MSTR_TRUSTED_FOLDERS",
                                   .value = folder,
                                   .problem = buffer_text(&meaning)};
    config_listener_tell(data, &item);
    buffer_release(&meaning);
}

static bool is_in_open_file(const struct config *config, const struct config_value *value)
{
    const struct config_file *file = NULL;
    for (size_t i = 0; (file = config_file_at(config, i)) != NULL; i++) {
        if (file->path == value->file) {
            return file->open;
        }
    }
    return false;
}

static void tell_weakening(const char *section, const char *key, const struct config_value *value,
                           const char *problem, const char *hint, struct config_listener *listener)
{
    struct buffer shown = BUFFER_INIT;
    config_show(section, key, value->text, value->comment, &shown);
    const mstr_config_item item = {.size = sizeof(item),
                                   .line = value->line,
                                   .file = value->file,
                                   .section = section,
                                   .key = key,
                                   .value = buffer_text(&shown),
                                   .problem = problem,
                                   .hint = hint};
    config_listener_tell(listener, &item);
    buffer_release(&shown);
}

/* Secrets of profiles and fleets that stand in a file which others may read. What else is a secret only a plugin
 * knows. */
static void tell_open_secret(const struct config *config, const char *type, const char *section, const char *key,
                             struct config_listener *listener)
{
    const struct config_value *value = config_get(config, section, key);
    struct buffer shown = BUFFER_INIT;
    config_show(section, key, value->text, value->comment, &shown);
    if (schema_holds_secret(type, key) && strstr(buffer_text(&shown), "(hidden)") != NULL &&
        is_in_open_file(config, value)) {
        tell_weakening(section, key, value, "a literal secret in a file that others may read",
                       "write a reference, or chmod go-r the file", listener);
    }
    buffer_release(&shown);
}

static void tell_plain(const struct config *config, const char *section, const char *key,
                       struct config_listener *listener)
{
    const struct config_value *value = config_get(config, section, key);
    bool allowed = false;
    if (value != NULL && config_boolean(value->text, &allowed) && allowed) {
        tell_weakening(section, key, value, "whoever listens on the way learns the password", NULL, listener);
    }
}

static const char *literal(const struct config_value *value)
{
    return value != NULL && strstr(value->text, "${") == NULL ? value->text : NULL;
}

/* A server on this machine that is reached through another one, which 0.1 never did. What has references in it only a
 * session knows. */
static void tell_detour(const struct config *config, const char *section, struct config_listener *listener)
{
    const struct config_value *set = config_get(config, section, "proxy");
    const struct config_value *except = config_get(config, section, "no_proxy");
    const char *base = literal(config_get(config, section, "base_url"));
    const struct proxy_settings settings = {.url = literal(set), .except = literal(except)};
    struct uri to;
    struct proxy proxy;
    if (base != NULL && uri_parse(base, &to) && uri_is_loopback(&to) && settings.url != NULL &&
        (except == NULL || settings.except != NULL) && proxy_find(&settings, &to, &proxy, NULL) == MSTR_OK &&
        proxy.url != NULL) {
        tell_weakening(section, "proxy", set, "it leads to base_url too, though that is on this machine",
                       "add the host of base_url to no_proxy, unless it is meant so", listener);
    }
}

/* What takes protection away in profiles and fleets. */
static void tell_weak_section(const struct config *config, const char *section, struct config_listener *listener)
{
    bool profile = text_starts_with(section, "profile ");
    const char *key = NULL;
    if (!profile && strcmp(section, "fleet") != 0 && !text_starts_with(section, "fleet ")) {
        return;
    }
    tell_plain(config, section, profile ? "allow_plain_http" : "allow_plain", listener);
    if (profile) {
        tell_detour(config, section, listener);
    }
    for (size_t i = 0; (key = config_key_at(config, section, i)) != NULL; i++) {
        tell_open_secret(config, profile ? "profile" : "fleet", section, key, listener);
    }
}

static void tell_weak_sections(const struct config *config, struct config_listener *listener)
{
    const char *section = NULL;
    for (size_t i = 0; (section = config_section_at(config, i)) != NULL; i++) {
        tell_weak_section(config, section, listener);
    }
}

/* Whom somebody trusts, where that is not the system's alone, and what is wrong with it. */
static void tell_one_trust(const struct trust *trust, const char *whose, const struct config_value *place,
                           struct config_listener *listener)
{
    struct buffer source = BUFFER_INIT;
    mstr_error *error = mstr_error_new();
    enum mstr_code code = trust_check(trust, error);
    trust_tell(trust, &source);
    const mstr_config_item item = {.size = sizeof(item),
                                   .line = place != NULL ? place->line : 0,
                                   .file = place != NULL ? place->file : "environment",
                                   .key = whose,
                                   .value = buffer_text(&source),
                                   .problem = code != MSTR_OK ? mstr_error_message(error) : NULL,
                                   .hint = mstr_error_hint(error)};
    if (source.length > 0) {
        config_listener_tell(listener, &item);
    }
    buffer_release(&source);
    mstr_error_free(error);
}

/* For the sessions of the selected profile and for providers. References in a profile's file are a session's
 * affair. */
static void tell_trust(const mstr_context *context, struct config_listener *listener)
{
    const struct config *config = context_config(context);
    const struct http_client_options *http = &context_services(context)->http->options;
    struct buffer section = BUFFER_INIT;
    buffer_printf(&section, "profile %s", config_default_profile(config));
    const struct config_value *own = config_get(config, buffer_text(&section), "ca_file");
    const struct config_value *base = config_get(config, buffer_text(&section), "base_url");
    bool plain = base != NULL && text_starts_with(base->text, "http:");
    own = own != NULL && strstr(own->text, "${") == NULL ? own : NULL;
    buffer_release(&section);
    const struct trust providers = trust_find(NULL, http->ca_file, http->trust_environment);
    const struct trust sessions = trust_find(own != NULL ? own->text : NULL, http->ca_file, http->trust_environment);
    if (!plain) {
        tell_one_trust(&sessions, "sessions", own, listener);
    }
    tell_one_trust(&providers, "providers", NULL, listener);
}

enum mstr_code mstr_config_visit(const mstr_context_options *options, uint32_t flags, mstr_config_fn each, void *data,
                                 mstr_error *error)
{
    static const uint32_t known =
        MSTR_CONFIG_SETTINGS | MSTR_CONFIG_PROBLEMS | MSTR_CONFIG_PATHS | MSTR_CONFIG_WEAKENINGS | MSTR_CONFIG_TRUST;
    const struct limits limits = config_limits(options);
    mstr_context *context = NULL;
    enum mstr_code code = given_check("the telling of the configuration was", true, flags, known, error);
    code = code == MSTR_OK ? context_new_whatever(options, &context, error) : code;
    if (context == NULL) {
        return code;
    }
    const struct config *config = context_config(context);
    struct config_listener listener = {each, data, false};
    if ((flags & MSTR_CONFIG_PATHS) != 0) {
        tell_paths(config, &listener);
    }
    if ((flags & MSTR_CONFIG_SETTINGS) != 0) {
        enum mstr_code told = tell_settings(config, &listener, code == MSTR_OK ? error : NULL);
        code = code == MSTR_OK ? told : code;
    }
    if ((flags & MSTR_CONFIG_PROBLEMS) != 0) {
        tell_problems(config, &listener);
        enum mstr_code deeper = check_settings(context, &limits, &listener, code == MSTR_OK ? error : NULL);
        code = code == MSTR_OK ? deeper : code;
    }
    if ((flags & MSTR_CONFIG_TRUST) != 0) {
        tell_trust(context, &listener);
    }
    if ((flags & MSTR_CONFIG_WEAKENINGS) != 0) {
        trusted_folders_visit(tell_trusted_folder, &listener);
        tell_weak_sections(config, &listener);
    }
    mstr_context_free(context);
    return listener.ended ? error_set(error, MSTR_E_CANCELLED, "the program ended the telling") : code;
}

enum mstr_code mstr_context_section(mstr_context *context, const char *section, mstr_config_fn each, void *data,
                                    mstr_error *error)
{
    const struct config *config = context_config(context);
    struct config_listener listener = {each, data, false};
    const char *key = NULL;
    if (!config_has_section(config, section)) {
        return error_set(error, MSTR_E_CONFIG, "there is no section [%s] in the configuration", section);
    }
    for (size_t i = 0; (key = config_key_at(config, section, i)) != NULL; i++) {
        const struct config_value *value = config_get(config, section, key);
        const mstr_config_item item = {
            .size = sizeof(item), .line = value->line, .file = value->file, .section = section, .key = key};
        config_listener_tell(&listener, &item);
    }
    return listener.ended ? error_set(error, MSTR_E_CANCELLED, "the program ended the telling") : MSTR_OK;
}
