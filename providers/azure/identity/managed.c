/* SPDX-License-Identifier: Apache-2.0 */
/* Managed identities: finding the host of this one, and the hosts that need no more than a request. */
#include "azure/identity/kinds.h"

#include "azure/config/setting.h"
#include "azure/identity/arc.h"
#include "azure/identity/imds.h"
#include "azure/wire/send.h"
#include "base/uri.h"
#include "sdk/host.h"

#include <string.h>

/* The SHA-1 without the separators that people paste along. */
static enum mstr_code read_pin(const char *variable, char digits[41], struct mstr_error *error)
{
    size_t count = 0;
    const char *text = variable != NULL ? setting_variable(variable) : NULL;
    for (const char *at = text; at != NULL && *at != '\0'; at++) {
        bool digit = strchr("0123456789abcdefABCDEF", *at) != NULL;
        if ((!digit && strchr(": ", *at) == NULL) || count + digit > 40) {
            count = 0;
            break;
        }
        digits[count] = *at;
        count += digit;
    }
    digits[count] = '\0';
    return text == NULL || count == 40 ? MSTR_OK
                                       : host->error_set(error, MSTR_E_CONFIG, "%s is no SHA-1 thumbprint", variable);
}

static bool is_usable(const char *url, bool pinned)
{
    struct uri uri;
    return uri_parse(url, &uri) && uri.user == NULL && !uri.fragment && (uri.https || !pinned);
}

static enum mstr_code ask_simply(const struct turn *turn, const struct managed_host *managed,
                                 const struct managed_id *id, struct token *token, struct mstr_error *error)
{
    char pin[41] = "";
    struct buffer url = BUFFER_INIT;
    struct buffer form = BUFFER_INIT;
    const char *endpoint = setting_variable(managed->endpoint);
    const char *secret = managed->secret != NULL ? setting_variable(managed->secret) : "true";
    bool posts = strcmp(managed->method, "POST") == 0;
    enum mstr_code code = read_pin(managed->pin, pin, error);
    if (code == MSTR_OK && !is_usable(endpoint, managed->pin != NULL)) {
        code = host->error_set(error, MSTR_E_CONFIG, "%s: \"%.200s\" %s", managed->endpoint, endpoint,
                               uri_fault(endpoint, managed->pin != NULL ? "is no https URL" : "is no URL"));
    }
    if (code == MSTR_OK && !token_fits_header(secret, strlen(secret))) {
        code = host->error_set(error, MSTR_E_CONFIG, "%s holds what no header can: a blank or the end of a line",
                               managed->secret);
    }
    if (code == MSTR_OK) {
        code = managed_url(&turn->ask, managed, id, endpoint, &url, error);
        uri_form_add(&form, "resource", turn->ask.demand->resource);
    }
    if (code == MSTR_OK) {
        const struct mstr_header headers[] = {
            {managed->secret_header != NULL ? managed->secret_header : "Metadata", secret},
            {posts ? "Content-Type" : "Accept", posts ? "application/x-www-form-urlencoded" : "application/json"}};
        const struct mstr_http_request fixed = {.flags = MANAGED_FLAGS,
                                                .method = managed->method,
                                                .url = posts ? endpoint : buffer_text(&url),
                                                .headers = headers,
                                                .header_count = sizeof(headers) / sizeof(*headers),
                                                .body = posts ? buffer_text(&form) : NULL,
                                                .body_length = posts ? form.length : 0,
                                                .leaf_sha1 = pin[0] != '\0' ? pin : NULL};
        struct managed_question question = {managed, id, token};
        struct request request = {.traffic = &send_traffic,
                                  .ca_file = send_ca_file(turn->ask.instance),
                                  .error = error,
                                  .fixed = &fixed,
                                  .read = managed_read,
                                  .data = &question};
        code = request_send(&request, turn->ask.call);
    }
    buffer_release(&form);
    buffer_release(&url);
    return code;
}

/* The first that is here decides. Azure ML speaks as App Service did in 2017. */
static const struct managed_host service_fabric = {
    .name = "Service Fabric",
    .endpoint = "IDENTITY_ENDPOINT",
    .method = "GET",
    .api_version = "2019-07-01-preview",
    .claims_version = "2019-07-01-preview",
    .secret_header = "Secret",
    .secret = "IDENTITY_HEADER",
    .pin = "IDENTITY_SERVER_THUMBPRINT",
    .needs = {"IDENTITY_ENDPOINT", "IDENTITY_HEADER", "IDENTITY_SERVER_THUMBPRINT"},
    .ask = ask_simply};
static const struct managed_host app_service = {.name = "App Service",
                                                .endpoint = "IDENTITY_ENDPOINT",
                                                .method = "GET",
                                                .api_version = "2019-08-01",
                                                .claims_version = "2025-03-30",
                                                .secret_header = "X-IDENTITY-HEADER",
                                                .secret = "IDENTITY_HEADER",
                                                .parameters = {NULL, "client_id", "principal_id", "mi_res_id"},
                                                .needs = {"IDENTITY_ENDPOINT", "IDENTITY_HEADER"},
                                                .ask = ask_simply};
static const struct managed_host old_app_service = {.name = "App Service of 2017 or Azure ML",
                                                    .endpoint = "MSI_ENDPOINT",
                                                    .method = "GET",
                                                    .api_version = "2017-09-01",
                                                    .secret_header = "secret",
                                                    .secret = "MSI_SECRET",
                                                    .parameters = {NULL, "clientid"},
                                                    .needs = {"MSI_ENDPOINT", "MSI_SECRET"},
                                                    .ask = ask_simply};
static const struct managed_host cloud_shell = {.name = "Cloud Shell",
                                                .endpoint = "MSI_ENDPOINT",
                                                .method = "POST",
                                                .api_version = "",
                                                .needs = {"MSI_ENDPOINT"},
                                                .ask = ask_simply};

static const struct managed_host *const hosts[] = {&service_fabric, &app_service, &old_app_service,
                                                   &cloud_shell,    &arc_host,    &imds_host};

static bool is_here(const struct managed_host *managed)
{
    size_t i = 0;
    while (managed->needs[i] != NULL && setting_variable(managed->needs[i]) != NULL) {
        i++;
    }
    return managed->needs[i] == NULL && (managed->is_here == NULL || managed->is_here());
}

static const struct managed_host *find_host(void)
{
    size_t i = 0;
    while (!is_here(hosts[i])) { /* the last one always is */
        i++;
    }
    return hosts[i];
}

static struct managed_id find_id(const struct mstr_instance *instance, const struct managed_host *managed)
{
    static const struct {
        enum managed_naming naming;
        const char *option;
        const char *variable;
    } names[] = {
        {BY_CLIENT, "managed_identity_client_id", NULL},
        {BY_OBJECT, "managed_identity_object_id", NULL},
        {BY_RESOURCE, "managed_identity_resource_id", NULL},
        {BY_CLIENT, "client_id", "AZURE_CLIENT_ID"},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct managed_id id = {.naming = names[i].naming};
        id.value = setting_find(instance, names[i].option, names[i].variable, &id.from);
        if (id.value != NULL) {
            return id;
        }
    }
    static const char system[] = "DEFAULT_IDENTITY_CLIENT_ID"; /* as Azure ML has it */
    const char *value = managed == &old_app_service ? setting_variable(system) : NULL;
    return value != NULL ? (struct managed_id){BY_CLIENT, value, system} : (struct managed_id){.naming = BY_NOTHING};
}

enum mstr_code managed_identity(const struct turn *turn, struct token *token, struct mstr_error *error)
{
    static const char *const kinds[NAMINGS] = {"", "client id", "object id", "resource id"};
    const struct managed_host *managed = find_host();
    struct managed_id id = find_id(turn->ask.instance, managed);
    if (id.naming == BY_NOTHING) {
        buffer_printf(turn->who, "system-assigned managed identity of %s", managed->name);
    } else {
        buffer_printf(turn->who, "managed identity of %s with %s %.200s (%s)", managed->name, kinds[id.naming],
                      id.value, id.from);
    }
    return managed->ask(turn, managed, &id, token, error);
}
