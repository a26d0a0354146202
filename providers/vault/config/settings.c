/* SPDX-License-Identifier: Apache-2.0 */
/* Options and variables of Vault and OpenBao. */
#include "vault/config/settings.h"

#include "base/text.h"
#include "base/uri.h"
#include "sdk/host.h"
#include "sdk/token.h"
#include "vault/config/wanted.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RETRIES = 2, RETRIES_MOST = 100, TIMEOUT = 60000 /* ms */ };
static const int64_t timeout_most = INT64_C(24) * 3600 * 1000;
static const char default_address[] = "https://127.0.0.1:8200"; /* of both tools */

struct vault_variable vault_variable(const char *name)
{
    struct vault_variable variable;
    snprintf(variable.name, sizeof(variable.name), "BAO_%s", name);
    variable.value = host->environment(variable.name);
    if (variable.value == NULL) {
        snprintf(variable.name, sizeof(variable.name), "VAULT_%s", name);
        variable.value = host->environment(variable.name);
    }
    variable.value = text_empty(variable.value) ? NULL : variable.value;
    return variable;
}

struct vault_variable vault_setting(const struct mstr_instance *instance, const char *option, const char *name)
{
    struct vault_variable setting = vault_variable(name);
    const char *value = host->option(instance, option);
    if (!text_empty(value)) {
        snprintf(setting.name, sizeof(setting.name), "%s", option);
        setting.value = value;
    }
    return setting;
}

static enum mstr_code refuse(const struct vault_variable *setting, const char *why, const char *hint,
                             struct mstr_error *error)
{
    return error_hint(error, host->error_set(error, MSTR_E_CONFIG, "%s %s", setting->name, why), hint);
}

/* As Go's strconv.ParseBool() has them. `yes` keeps its value where the variable is not set. */
static enum mstr_code read_boolean(const char *name, bool *yes, struct mstr_error *error)
{
    static const char *const words[2][6] = {{"0", "f", "F", "FALSE", "false", "False"},
                                            {"1", "t", "T", "TRUE", "true", "True"}};
    const struct vault_variable variable = vault_variable(name);
    for (size_t i = 0; variable.value != NULL && i < 12; i++) {
        if (strcmp(variable.value, words[i / 6][i % 6]) == 0) {
            *yes = i / 6 == 1;
            return MSTR_OK;
        }
    }
    return variable.value == NULL ? MSTR_OK
                                  : refuse(&variable, "is neither true nor false",
                                           "write 1, true, 0 or false, as Vault's own tool wants it", error);
}

/* One number with its unit, as Go's durations have them; the octets read, 0 if it is none. */
static size_t read_part(const char *text, int64_t *milliseconds)
{
    static const struct {
        const char *name;
        int64_t length;
    } units[] = {{"ms", 1}, {"h", 3600000}, {"m", 60000}, {"s", 1000}};
    size_t digits = strspn(text, "0123456789");
    int64_t number = 0;
    for (size_t i = 0; i < digits && number < timeout_most; i++) {
        number = number * 10 + (text[i] - '0');
    }
    for (size_t i = 0; digits > 0 && i < sizeof(units) / sizeof(*units); i++) {
        if (text_starts_with(text + digits, units[i].name)) {
            int64_t most = timeout_most / units[i].length;
            *milliseconds += (number < most ? number : most) * units[i].length;
            return digits + strlen(units[i].name);
        }
    }
    return 0;
}

/* A duration such as 1m30s, or seconds. */
static bool read_duration(const char *text, int64_t *milliseconds)
{
    int64_t seconds = 0;
    size_t part = 1;
    *milliseconds = 0;
    if (text_to_int64(text, &seconds)) {
        *milliseconds = seconds < timeout_most / 1000 ? seconds * 1000 : timeout_most;
        return seconds > 0;
    }
    while (*text != '\0' && part > 0 && *milliseconds <= timeout_most) {
        part = read_part(text, milliseconds);
        text += part;
    }
    return part > 0 && *milliseconds > 0;
}

static enum mstr_code read_numbers(struct vault_settings *settings, struct mstr_error *error)
{
    const struct vault_variable retries = vault_variable("MAX_RETRIES");
    const struct vault_variable timeout = vault_variable("CLIENT_TIMEOUT");
    int64_t count = RETRIES;
    if (retries.value != NULL && (!text_to_int64(retries.value, &count) || count < 0 || count > RETRIES_MOST)) {
        return refuse(&retries, "is no number of retries", "write 0 to 100", error);
    }
    settings->attempts = (int)count + 1;
    settings->timeout = TIMEOUT;
    return timeout.value == NULL || read_duration(timeout.value, &settings->timeout)
               ? MSTR_OK
               : refuse(&timeout, "is no duration", "write seconds, or such as 1m30s", error);
}

static enum mstr_code read_address(struct vault_settings *settings, struct mstr_error *error)
{
    struct uri uri;
    struct vault_variable address = vault_setting(settings->instance, "address", "ADDR");
    const struct vault_variable agent = vault_variable("AGENT_ADDR");
    if (agent.value != NULL && host->option(settings->instance, "address") == NULL) {
        address = agent;
    }
    const char *text = address.value != NULL ? address.value : default_address;
    if (text_starts_with(text, "unix://")) {
        return refuse(&address, "names a socket of this machine, which is not supported",
                      "let the agent listen on an address such as 127.0.0.1:8100 too", error);
    }
    if (!uri_parse(text, &uri) || uri.user != NULL || uri.query != NULL || uri.fragment) {
        return refuse(&address, uri_fault(text, "is no URL of scheme, host and path alone"),
                      "write such as https://vault.example.com:8200", error);
    }
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == '/') {
        length--;
    }
    if (length >= 3 && strncmp(text + length - 3, "/v1", 3) == 0) {
        return refuse(&address, "ends with /v1, which every request has anyway", "leave /v1 out", error);
    }
    settings->plain = !uri.https;
    strcpy(settings->address_source, address.value != NULL ? address.name : "the default");
    return buffer_append(&settings->address, text, length) ? MSTR_OK
                                                           : host->error_set(error, MSTR_E_MEMORY, "out of memory");
}

/* Nothing here turns verification off: who could read the token, could read all that it may read. */
static enum mstr_code refuse_blind_trust(struct mstr_error *error)
{
    bool skip = false;
    enum mstr_code code = read_boolean("SKIP_VERIFY", &skip, error);
    if (code != MSTR_OK || !skip) {
        return code;
    }
    const struct vault_variable variable = vault_variable("SKIP_VERIFY");
    return refuse(&variable,
                  "asks not to verify the server's certificate: whoever is on the way could take the token, "
                  "and all that it may read",
                  "unset it, and set ca_file or VAULT_CACERT to the PEM file of the authority that signed the "
                  "certificate",
                  error);
}

static enum mstr_code read_trust(struct vault_settings *settings, struct mstr_error *error)
{
    const struct vault_variable file = vault_setting(settings->instance, "ca_file", "CACERT");
    const struct vault_variable cert = vault_setting(settings->instance, "client_cert", "CLIENT_CERT");
    const struct vault_variable key = vault_setting(settings->instance, "client_key", "CLIENT_KEY");
    settings->ca_file = file.value;
    settings->ca_pem = file.value == NULL ? vault_variable("CACERT_BYTES").value : NULL;
    if (settings->ca_file == NULL && settings->ca_pem == NULL) {
        settings->ca_file = vault_variable("CAPATH").value;
    }
    settings->client_cert = cert.value;
    settings->client_key = key.value;
    settings->server_name = vault_variable("TLS_SERVER_NAME").value;
    if ((cert.value == NULL) != (key.value == NULL)) {
        return refuse(
            cert.value != NULL ? &cert : &key, "is set without its other half",
            "set both client_cert and client_key, or VAULT_CLIENT_CERT and VAULT_CLIENT_KEY; they may name the "
            "same file",
            error);
    }
    return refuse_blind_trust(error);
}

/* What would change whom is asked, and is not supported, is not passed over in silence. */
static enum mstr_code read_way(struct vault_settings *settings, struct mstr_error *error)
{
    struct uri uri;
    bool lookup = false;
    bool refused = false;
    const struct vault_variable proxy = vault_variable("PROXY_ADDR");
    const struct vault_variable service = vault_variable("SRV_LOOKUP");
    enum mstr_code code = read_boolean("SRV_LOOKUP", &lookup, error);
    if (code == MSTR_OK && lookup) {
        code = refuse(&service, "is not supported", "name host and port in the address", error);
    }
    if (code == MSTR_OK && proxy.value != NULL && !uri_parse(proxy.value, &uri)) {
        code =
            refuse(&proxy, uri_fault(proxy.value, "is no URL"), "write such as http://proxy.example.com:3128", error);
    }
    if (code == MSTR_OK) {
        code = read_boolean("DISABLE_REDIRECTS", &refused, error);
    }
    settings->proxy = proxy.value;
    settings->redirects = !refused;
    return code;
}

static enum mstr_code read_namespace(const struct vault_variable *setting, const char **out, struct mstr_error *error)
{
    *out = setting->value;
    return setting->value == NULL || token_fits_header(setting->value, strlen(setting->value))
               ? MSTR_OK
               : refuse(setting, "is no namespace: it has blanks or characters outside ASCII", NULL, error);
}

static enum mstr_code read_namespaces(struct vault_settings *settings, struct mstr_error *error)
{
    const struct vault_variable own = vault_setting(settings->instance, "namespace", "NAMESPACE");
    const struct vault_variable login = {.name = "auth_namespace",
                                         .value = host->option(settings->instance, "auth_namespace")};
    enum mstr_code code = read_namespace(&own, &settings->namespace, error);
    if (code == MSTR_OK) {
        code = read_namespace(login.value != NULL ? &login : &own, &settings->login_namespace, error);
    }
    return code;
}

/* `vault auth list` tells mounts with a slash at their end. */
static enum mstr_code read_auth_mount(struct vault_settings *settings, struct mstr_error *error)
{
    const struct vault_variable setting = {.name = "auth_mount",
                                           .value = host->option(settings->instance, "auth_mount")};
    if (text_empty(setting.value)) {
        return MSTR_OK;
    }
    const char *start = setting.value + strspn(setting.value, "/");
    size_t length = strlen(start);
    while (length > 0 && start[length - 1] == '/') {
        length--;
    }
    settings->auth_mount = text_copy_length(start, length);
    if (settings->auth_mount == NULL) {
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    const char *fault = vault_path_fault(settings->auth_mount);
    return fault == NULL ? MSTR_OK
                         : refuse(&setting, fault, "write it as `vault auth list` does, such as approle", error);
}

enum mstr_code vault_kv_read(const struct mstr_instance *instance, enum vault_kv *kv, struct mstr_error *error)
{
    static const char *const words[] = {[VAULT_KV_AUTO] = "auto", [VAULT_KV_1] = "1", [VAULT_KV_2] = "2"};
    const struct vault_variable setting = {.name = "kv", .value = host->option(instance, "kv")};
    *kv = VAULT_KV_AUTO;
    for (size_t i = 0; setting.value != NULL && i < sizeof(words) / sizeof(*words); i++) {
        if (strcmp(setting.value, words[i]) == 0) {
            *kv = (enum vault_kv)i;
            return MSTR_OK;
        }
    }
    return setting.value == NULL
               ? MSTR_OK
               : refuse(&setting, "is no version of the key/value engine", "write auto, 1 or 2", error);
}

static enum mstr_code read_kv(struct vault_settings *settings, struct mstr_error *error)
{
    return vault_kv_read(settings->instance, &settings->kv, error);
}

enum mstr_code vault_settings_read(const struct mstr_instance *instance, struct vault_settings *settings,
                                   struct mstr_error *error)
{
    static enum mstr_code (*const parts[])(struct vault_settings *, struct mstr_error *) = {
        read_way, read_address, read_trust, read_numbers, read_namespaces, read_auth_mount, read_kv};
    const char *revoke = host->option(instance, "revoke");
    *settings = (struct vault_settings){.instance = instance,
                                        .redirect_hosts = host->option(instance, "redirect_hosts"),
                                        .revoke = revoke != NULL && strcmp(revoke, "yes") == 0};
    enum mstr_code code = MSTR_OK;
    for (size_t i = 0; code == MSTR_OK && i < sizeof(parts) / sizeof(*parts); i++) {
        code = parts[i](settings, error);
    }
    return code;
}

void vault_settings_release(struct vault_settings *settings)
{
    buffer_release(&settings->address);
    free(settings->auth_mount);
    settings->auth_mount = NULL;
}
