/* SPDX-License-Identifier: Apache-2.0 */
/* What the user set of this store. */
#include "redis/config/settings.h"

#include "base/text.h"
#include "sdk/host.h"

#include <string.h>

const struct mstr_option settings_options[] = {
    {"url", MSTR_OPTION_STRING, MSTR_OPTION_REQUIRED, NULL,
     "redis://HOST[:PORT][/DB], rediss:// for TLS, unix://PATH[?db=N], redis+sentinel://HOST,HOST/NAME[/DB]"},
    {"username", MSTR_OPTION_STRING, 0, NULL, "user of the store's access control lists"},
    {"password", MSTR_OPTION_SECRET, 0, NULL, "password of that user, or of the store"},
    {"ca_file", MSTR_OPTION_PATH, 0, NULL, "PEM bundle to trust for the store"},
    {"client_cert", MSTR_OPTION_PATH, 0, NULL, "PEM file with the certificate to show to the store"},
    {"client_key", MSTR_OPTION_PATH, 0, NULL, "PEM file with its key, where it is another one"},
    {"server_name", MSTR_OPTION_STRING, 0, NULL, "name to ask for and verify in place of the url's"},
    {"allow_plain", MSTR_OPTION_BOOLEAN, 0, "no", "speak without TLS to a store on another machine"},
    {"sentinel_username", MSTR_OPTION_STRING, 0, NULL, "user of the Sentinels, where they ask for one"},
    {"sentinel_password", MSTR_OPTION_SECRET, 0, NULL, "password of the Sentinels"},
    {NULL, MSTR_OPTION_STRING, 0, NULL, NULL},
};

static const char *filled(const struct mstr_instance *instance, const char *name)
{
    const char *value = host->option(instance, name);
    return text_empty(value) ? NULL : value;
}

static enum mstr_code check_login(const struct login *login, const char *what, struct mstr_error *error)
{
    return login->username == NULL || login->password != NULL
               ? MSTR_OK
               : host->error_set(error, MSTR_E_CONFIG, "%susername is set without %spassword", what, what);
}

enum mstr_code settings_check_place(const struct settings *settings, const struct endpoint *endpoint,
                                    struct mstr_error *error)
{
    char text[ENDPOINT_TEXT];
    if (settings->url.tls || settings->allow_plain || endpoint_is_local(endpoint)) {
        return MSTR_OK;
    }
    host->error_set(error, MSTR_E_CONFIG, "the store at %s would be spoken to without TLS",
                    endpoint_tell(endpoint, text));
    return error_hint(error, MSTR_E_CONFIG, "write rediss:// in \"url\", or set allow_plain = yes");
}

static enum mstr_code check(const struct settings *settings, struct mstr_error *error)
{
    enum mstr_code code = check_login(&settings->login, "", error);
    code = code == MSTR_OK ? check_login(&settings->sentinel, "sentinel_", error) : code;
    if (code == MSTR_OK && settings->client_key != NULL && settings->client_cert == NULL) {
        code = host->error_set(error, MSTR_E_CONFIG, "client_key is set without client_cert");
    }
    for (size_t i = 0; code == MSTR_OK && i < settings->url.count; i++) {
        code = settings_check_place(settings, &settings->url.endpoints[i], error);
    }
    return code;
}

enum mstr_code settings_read(const struct mstr_instance *instance, struct settings *settings,
                             struct mstr_error *error)
{
    const char *url = filled(instance, "url");
    const char *allow = filled(instance, "allow_plain");
    *settings = (struct settings){
        .instance = instance,
        .login = {filled(instance, "username"), filled(instance, "password")},
        .sentinel = {filled(instance, "sentinel_username"), filled(instance, "sentinel_password")},
        .ca_file = filled(instance, "ca_file"),
        .client_cert = filled(instance, "client_cert"),
        .client_key = filled(instance, "client_key"),
        .server_name = filled(instance, "server_name"),
        .allow_plain = allow != NULL && strcmp(allow, "yes") == 0,
    };
    const char *problem = url != NULL ? url_parse(url, &settings->url) : "is not set";
    if (problem == url_no_memory) {
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (problem != NULL) { /* what stands in it is not told: it may be a password */
        return host->error_set(error, MSTR_E_CONFIG, "the store's url %s", problem);
    }
    if (settings->login.username == NULL && settings->url.username[0] != '\0') {
        settings->login.username = settings->url.username;
    }
    return check(settings, error);
}
