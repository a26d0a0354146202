/* SPDX-License-Identifier: Apache-2.0 */
/* What can be wrong with a configuration whose grammar is right. */
#include "context/config_check.h"

#include "base/text.h"
#include "context/agent_rules.h"
#include "context/fleet_check.h"
#include "context/option_check.h"
#include "context/profile_check.h"
#include "http/proxy.h"
#include "http/trust.h"
#include "plugin/creation.h"
#include "reference/template.h"
#include "secret/field.h"

#include <string.h>

/* What is checked of the references that an agent is to fetch ahead. */
struct prefetched {
    struct faults *faults;
    const struct policy *policy;
};

static bool is_unresolved(const struct config_value *value)
{
    return strstr(value->text, "${") != NULL;
}

/* Whether the whole value would be a reference, were it not for the missing ${}. In a set of variables it is one; in
 * [agent] references and their patterns are. */
static bool looks_like_reference(const struct faults *faults, const char *section, const char *value)
{
    struct reference *reference = NULL;
    struct instance *instance = NULL;
    bool looks =
        reference_parse_unquoted(value, &reference, NULL) == MSTR_OK &&
        registry_find(context_registry(faults->context), reference->parts.scheme, &instance, NULL) == MSTR_OK &&
        strcmp(section, "agent") != 0 && !text_starts_with(section, "env ");
    reference_free(reference);
    return looks;
}

static bool is_fleet(const char *section)
{
    return strcmp(section, "fleet") == 0 || text_starts_with(section, "fleet ");
}

/* What a person surely did not mean, though the grammar takes it. A command's quotes hold its arguments together. */
static void check_meaning(struct faults *faults, const char *section, const char *key,
                          const struct config_value *value)
{
    bool command = text_starts_with(section, "provider ") && strcmp(key, "command") == 0;
    bool patterns = is_fleet(section) && strcmp(key, "share_secrets") == 0;
    if (!patterns && !is_unresolved(value) && looks_like_reference(faults, section, value->text)) {
        error_set(faults->now, MSTR_E_CONFIG, "\"%s\" looks like a reference, but is taken as it is written", key);
        error_set_hint(faults->now, "write ${…} around it; or, where it is meant so, ${text:…}");
    } else if (config_is_quoted(value->text) && !command) {
        error_set(faults->now, MSTR_E_CONFIG, "\"%s\" has quotes around it, which are a part of the value", key);
        error_set_hint(faults->now, "leave them out; or, where they are meant so, write ${text:…}");
    } else if (value->tight) {
        error_set(faults->now, MSTR_E_CONFIG,
                  "\"%s\" ends at a blank with # or ; behind it, as what follows is a comment", key);
        error_set_hint(faults->now, "write ${text:…} with %%23 for # and %%3B for ;, or put a blank behind the sign");
    } else {
        return;
    }
    faults_tell(faults, section, key);
}

/* Of a relative path, or one that is to be completed, its type tells. */
static void check_provider_file(struct faults *faults, const char *section, const char *key,
                                const struct config_value *value)
{
    const struct trust trust = trust_find(strcmp(key, "ca_file") == 0 ? value->text : NULL, NULL, false);
    if (value->text[0] == '/' && !is_unresolved(value) && trust_check(&trust, faults->now) != MSTR_OK) {
        faults_tell(faults, section, key);
    }
}

static bool has_section(const struct faults *faults, const char *scheme)
{
    struct buffer section = BUFFER_INIT;
    buffer_printf(&section, "provider %s", scheme);
    bool has = config_has_section(context_config(faults->context), buffer_text(&section));
    buffer_release(&section);
    return has;
}

/* Whether its provider can be used, and takes it. What is wrong with one that has a section is told with that. */
static enum mstr_code check_by_provider(const struct faults *faults, struct instance *instance,
                                        const struct reference *reference)
{
    const struct mstr_provider *table = NULL;
    bool tuned = has_section(faults, reference->parts.scheme);
    enum mstr_code code =
        tuned ? instance_load(instance, faults->limits, &table, NULL)
              : creation_ensure(context_registry(faults->context), instance, faults->limits, faults->now);
    if (code != MSTR_OK) {
        return tuned ? MSTR_OK : code;
    }
    return instance_check(instance, reference, faults->now);
}

/* Whether it can ever be resolved. */
static enum mstr_code check_reference(const struct faults *faults, const struct reference *reference, bool local)
{
    struct registry *registry = context_registry(faults->context);
    const char *scheme = reference->parts.scheme;
    struct instance *instance = NULL;
    enum mstr_code code = local ? registry_check_local(registry, scheme, faults->now) : MSTR_OK;
    if (code == MSTR_OK && reference->field != NULL) {
        code = field_check(reference->field, faults->now);
    }
    code = code == MSTR_OK ? registry_find(registry, scheme, &instance, faults->now) : code;
    return code == MSTR_OK ? check_by_provider(faults, instance, reference) : code;
}

static void tell_reference(struct faults *faults, const char *section, const char *key)
{
    error_prefix(faults->now, "\"%s\": ", key);
    faults_tell(faults, section, key);
}

/* A setting's references, each alternative. Those of provider sections are local. */
static void check_references(struct faults *faults, const char *section, const char *key,
                             const struct config_value *value, bool local)
{
    struct template *template = NULL;
    bool variable = text_starts_with(section, "env ");
    if ((variable ? context_parse_variable(faults->context, value->text, &template, faults->now)
                  : template_parse(value->text, &template, faults->now)) != MSTR_OK) {
        tell_reference(faults, section, key);
        return;
    }
    for (size_t i = 0; i < template->count; i++) {
        for (size_t j = 0; j < template->pieces[i].alternative_count; j++) {
            if (check_reference(faults, template->pieces[i].alternatives[j], local) != MSTR_OK) {
                tell_reference(faults, section, key);
            }
        }
    }
    template_free(template);
}

/* One [provider NAME], its plugin loaded. */
static void check_provider(struct faults *faults, const char *section)
{
    struct instance *instance = NULL;
    const struct mstr_provider *table = NULL;
    struct option_table options = {.keeps_key = registry_reads_key};
    enum mstr_code code =
        registry_find(context_registry(faults->context), section + strlen("provider "), &instance, faults->now);
    if (code == MSTR_OK) {
        code = instance_load(instance, faults->limits, &table, faults->now);
    }
    if (code == MSTR_OK) {
        options.table = table->options;
        options.stride = table->option_size;
    }
    if (code == MSTR_OK && options_are_known(faults, section, &options)) {
        /* what only the plugin sees; it stays off the network */
        code = creation_ensure(context_registry(faults->context), instance, faults->limits, faults->now);
    }
    if (code != MSTR_OK) {
        faults_tell_section(faults, section);
    }
}

static const char *agent_text(const struct faults *faults, const char *key)
{
    const struct config_value *value = config_get(context_config(faults->context), "agent", key);
    return value != NULL ? value->text : NULL;
}

static enum mstr_code check_prefetched(const char *word, void *data)
{
    struct faults *faults = ((struct prefetched *)data)->faults;
    struct agent_reference *reference = NULL;
    if (agent_rules_prefetch(faults->context, ((struct prefetched *)data)->policy, word, &reference, faults->now) !=
        MSTR_OK) {
        faults_tell(faults, "agent", "prefetch");
    }
    agent_reference_free(reference);
    return MSTR_OK;
}

/* [agent], as the agent judges it when it starts. */
static void check_agent(struct faults *faults)
{
    const struct agent_rules_text text = {.allow = agent_text(faults, "allow"),
                                          .profiles = agent_text(faults, "profiles"),
                                          .allow_user = agent_text(faults, "allow_user"),
                                          .allow_group = agent_text(faults, "allow_group"),
                                          .listen = agent_text(faults, "listen"),
                                          .token_file = agent_text(faults, "token_file")};
    const struct config_value *socket = config_get(context_config(faults->context), "agent", "socket");
    struct agent_rules rules;
    const char *key = NULL;
    if (socket != NULL && !is_unresolved(socket) && agent_rules_socket(socket->text, faults->now) != MSTR_OK) {
        faults_tell(faults, "agent", "socket");
    }
    if (agent_rules_read(&text, &rules, &key, faults->now) != MSTR_OK) {
        faults_tell(faults, "agent", key);
    } else {
        agent_rules_each(agent_text(faults, "prefetch"), check_prefetched,
                         &(struct prefetched){faults, rules.policy});
    }
    agent_rules_release(&rules);
}

static void check_section(struct faults *faults, const char *section)
{
    const struct config *config = context_config(faults->context);
    bool provider = text_starts_with(section, "provider ");
    const char *key = NULL;
    for (size_t i = 0; (key = config_key_at(config, section, i)) != NULL; i++) {
        const struct config_value *value = config_get(config, section, key);
        check_references(faults, section, key, value, provider);
        check_meaning(faults, section, key, value);
        if (provider) {
            check_provider_file(faults, section, key, value);
        }
    }
    if (provider && !config_has_problem(config, section)) { /* else its plugin may be what was refused */
        check_provider(faults, section);
    } else if (text_starts_with(section, "profile ")) {
        profile_check(faults, section);
    } else if (strcmp(section, "agent") == 0 && !config_has_problem(config, section)) {
        check_agent(faults);
    } else if (is_fleet(section) && !config_has_problem(config, section)) {
        fleet_check(faults, section);
    }
}

/* Whom providers trust and through which proxies they go, as do sessions of a profile that does not say. */
static void check_network(struct faults *faults)
{
    static const char *const kinds[] = {"https://mstr.invalid/", "http://mstr.invalid/"};
    const struct http_client_options *http = &context_services(faults->context)->http->options;
    const struct proxy_settings settings = {.environment = http->trust_environment};
    enum mstr_code code = MSTR_OK;
    const struct trust trust = trust_find(NULL, http->ca_file, http->trust_environment);
    if (trust_check(&trust, faults->now) != MSTR_OK) {
        faults_tell_section(faults, NULL);
    }
    for (size_t i = 0; code == MSTR_OK && i < sizeof(kinds) / sizeof(*kinds); i++) {
        struct proxy proxy;
        struct uri to;
        uri_parse(kinds[i], &to);
        code = proxy_find(&settings, &to, &proxy, faults->now);
        if (code != MSTR_OK) {
            faults_tell_section(faults, NULL);
        }
    }
}

enum mstr_code check_settings(mstr_context *context, const struct limits *limits, struct config_listener *listener,
                              mstr_error *error)
{
    const char *section = NULL;
    struct faults faults = {
        .context = context, .limits = limits, .listener = listener, .error = error, .now = mstr_error_new()};
    if (faults.now == NULL) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    profile_check_chosen(&faults);
    for (int pass = 0; pass < 2; pass++) { /* providers first: references are checked by what their options say */
        for (size_t i = 0; (section = config_section_at(context_config(context), i)) != NULL; i++) {
            if (text_starts_with(section, "provider ") == (pass == 0)) {
                check_section(&faults, section);
            }
        }
    }
    check_network(&faults);
    mstr_error_free(faults.now);
    return faults.code;
}
