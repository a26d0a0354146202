/* The settings of a session. */
#include "session/settings.h"

#include "util/buffer.h"
#include "util/text.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    enum mstr_login_mode mode;
} login_modes[] = {
    {"guess", MSTR_LOGIN_GUESS}, {"standard", MSTR_LOGIN_STANDARD}, {"anonymous", MSTR_LOGIN_ANONYMOUS},
    {"ldap", MSTR_LOGIN_LDAP},   {"api-key", MSTR_LOGIN_API_KEY},   {"delegate", MSTR_LOGIN_DELEGATE},
};

/* Keys of a profile that are plain text, and where a program gives the same. */
#define NETWORK(member) offsetof(struct settings, member), offsetof(mstr_network, member)
static const struct {
    const char *key;
    size_t offset;
    size_t network_offset; /* 0 = not of the network */
} texts[] = {
    {"project", offsetof(struct settings, project), 0},
    {"ca_file", NETWORK(ca_file)},
    {"client_cert", NETWORK(client_cert)},
    {"client_key", NETWORK(client_key)},
    {"proxy", NETWORK(proxy)},
    {"proxy_username", NETWORK(proxy_username)},
    {"no_proxy", NETWORK(no_proxy)},
    {"pinned_key", NETWORK(pinned_key)},
};
#undef NETWORK

static char **text_of(const struct settings *settings, size_t offset)
{
    return (char **)(void *)((char *)(uintptr_t)settings + offset);
}

static const char **network_text_of(const mstr_network *network, size_t offset)
{
    return (const char **)(void *)((char *)(uintptr_t)network + offset);
}

/* The profile that settings are read from. */
struct source {
    const struct config *config;
    const char *section; /* NULL = none */
};

static const struct config_value *get(const struct source *source, const char *key)
{
    return source->section != NULL ? config_get(source->config, source->section, key) : NULL;
}

static enum mstr_code bad(const struct config_value *value, const char *key, mstr_error *error)
{
    return error_set(error, MSTR_E_CONFIG, "%s:%u: \"%s\" has a value that does not fit", value->file, value->line,
                     key);
}

static enum mstr_code read_mode(const struct source *source, struct settings *settings, mstr_error *error)
{
    const struct config_value *value = get(source, "login_mode");
    int64_t number = 0;
    if (value == NULL) {
        return MSTR_OK;
    }
    for (size_t i = 0; i < sizeof(login_modes) / sizeof(*login_modes); i++) {
        bool named = strcmp(login_modes[i].name, value->text) == 0;
        bool numbered = text_to_int64(value->text, &number) && number == login_modes[i].mode;
        if (named || numbered) {
            settings->login_mode = login_modes[i].mode;
            return MSTR_OK;
        }
    }
    return bad(value, "login_mode", error);
}

static enum mstr_code read_numbers(const struct source *source, struct settings *settings, mstr_error *error)
{
    const struct {
        const char *key;
        int64_t *value;
    } durations[] = {{"connect_timeout", &settings->connect_timeout}, {"timeout", &settings->timeout}};
    const struct {
        const char *key;
        bool *value;
    } booleans[] = {{"relogin", &settings->relogin}, {"keepalive", &settings->keepalive}};
    const struct config_value *value = NULL;
    int64_t number = settings->application_type;
    for (size_t i = 0; i < 2; i++) {
        value = get(source, durations[i].key);
        if (value != NULL && !config_duration(value->text, durations[i].value)) {
            return bad(value, durations[i].key, error);
        }
        value = get(source, booleans[i].key);
        if (value != NULL && !config_boolean(value->text, booleans[i].value)) {
            return bad(value, booleans[i].key, error);
        }
    }
    value = get(source, "application_type");
    if (value != NULL && (!text_to_int64(value->text, &number) || number < 1 || number > INT32_MAX)) {
        return bad(value, "application_type", error);
    }
    settings->application_type = (int32_t)number;
    value = get(source, "max_redirects");
    if (value != NULL && !text_to_int64(value->text, &settings->max_redirects)) {
        return bad(value, "max_redirects", error);
    }
    return MSTR_OK;
}

static enum mstr_code read_texts(const struct source *source, struct settings *settings, mstr_error *error)
{
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        const struct config_value *value = get(source, texts[i].key);
        char **field = text_of(settings, texts[i].offset);
        if (value != NULL && (*field = text_copy(value->text)) == NULL) {
            return error_set(error, MSTR_E_MEMORY, "out of memory");
        }
    }
    return MSTR_OK;
}

static enum mstr_code read_credentials(const struct source *source,
                                       mstr_credential *credentials[MSTR_CREDENTIAL_KINDS], mstr_error *error)
{
    for (int kind = 0; kind < MSTR_CREDENTIAL_KINDS; kind++) {
        const struct config_value *value = get(source, mstr_credential_kind_name((enum mstr_credential_kind)kind));
        if (value != NULL && (credentials[kind] = mstr_credential_template(value->text)) == NULL) {
            return error_set(error, MSTR_E_MEMORY, "out of memory");
        }
    }
    return MSTR_OK;
}

static enum mstr_code replace(char **field, const char *text, mstr_error *error)
{
    text_wipe_free(*field);
    *field = text_copy(text);
    return *field != NULL ? MSTR_OK : error_set(error, MSTR_E_MEMORY, "out of memory");
}

static enum mstr_code apply_network(const mstr_network *network, struct settings *settings, mstr_error *error)
{
    enum mstr_code code = MSTR_OK;
    if (!MSTR_HAS(network, mstr_network, max_redirects)) {
        return error_set(error, MSTR_E_USAGE, "the network settings were not initialised");
    }
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts) && code == MSTR_OK; i++) {
        const char *text = texts[i].network_offset != 0 ? *network_text_of(network, texts[i].network_offset) : NULL;
        if (text != NULL) {
            code = replace(text_of(settings, texts[i].offset), text, error);
        }
    }
    settings->network_flags = network->flags;
    settings->connect_timeout = network->connect_timeout > 0 ? network->connect_timeout : settings->connect_timeout;
    settings->stall_timeout = network->stall_timeout > 0 ? network->stall_timeout : settings->stall_timeout;
    settings->max_redirects = network->max_redirects > 0 ? network->max_redirects : settings->max_redirects;
    return code;
}

mstr_network settings_network(const struct settings *settings, const mstr_network *own)
{
    static const mstr_network none = MSTR_NETWORK_INIT;
    mstr_network network = own != NULL && MSTR_HAS(own, mstr_network, max_redirects) ? *own : none;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        if (texts[i].network_offset != 0) {
            const char **text = network_text_of(&network, texts[i].network_offset);
            *text = *text != NULL ? *text : *text_of(settings, texts[i].offset);
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

/* What the program said stands over the profile. */
static enum mstr_code apply_options(const mstr_session_options *options, struct settings *settings, mstr_error *error)
{
    settings->flags = options->flags;
    settings->relogin &= (options->flags & MSTR_SESSION_NO_RELOGIN) == 0;
    settings->login_mode = options->login_mode != MSTR_LOGIN_GUESS ? options->login_mode : settings->login_mode;
    settings->application_type =
        options->application_type > 0 ? options->application_type : settings->application_type;
    settings->connect_timeout = options->connect_timeout > 0 ? options->connect_timeout : settings->connect_timeout;
    settings->timeout = options->timeout > 0 ? options->timeout : settings->timeout;
    enum mstr_code code = MSTR_OK;
    if (options->project != NULL) {
        code = replace(&settings->project, options->project, error);
    }
    if (code == MSTR_OK && MSTR_HAS(options, mstr_session_options, network) && options->network != NULL) {
        code = apply_network(options->network, settings, error);
    }
    return code;
}

static enum mstr_code find_profile(const mstr_session_options *options, const struct config *config,
                                   struct buffer *section, mstr_error *error)
{
    bool named = options->profile != NULL;
    const char *name = named ? options->profile : config_default_profile(config);
    buffer_printf(section, "profile %s", name);
    if (!config_has_section(config, buffer_text(section))) {
        if (named || strcmp(name, "default") != 0) {
            error_set(error, MSTR_E_CONFIG, "there is no profile \"%s\"", name);
            error_set_hint(error, "add a section [profile %s] to the configuration", name);
            return MSTR_E_CONFIG;
        }
    }
    return section->failed ? error_set(error, MSTR_E_MEMORY, "out of memory") : MSTR_OK;
}

enum mstr_code settings_read(const mstr_session_options *options, const struct config *config,
                             struct settings *settings, mstr_credential *credentials[MSTR_CREDENTIAL_KINDS],
                             mstr_error *error)
{
    struct buffer section = BUFFER_INIT;
    struct source source = {config, NULL};
    enum mstr_code code = MSTR_OK;
    *settings = (struct settings){
        .application_type = 8, .connect_timeout = 10000, .timeout = 300000, .max_redirects = 5, .relogin = true};
    if ((options->flags & MSTR_SESSION_NO_PROFILE) == 0) {
        code = find_profile(options, config, &section, error);
        source.section = buffer_text(&section);
    }
    code = code == MSTR_OK ? read_mode(&source, settings, error) : code;
    code = code == MSTR_OK ? read_numbers(&source, settings, error) : code;
    code = code == MSTR_OK ? read_texts(&source, settings, error) : code;
    code = code == MSTR_OK ? read_credentials(&source, credentials, error) : code;
    code = code == MSTR_OK ? apply_options(options, settings, error) : code;
    buffer_release(&section);
    return code;
}

void settings_release(struct settings *settings)
{
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        text_wipe_free(*text_of(settings, texts[i].offset));
    }
    *settings = (struct settings){0};
}
