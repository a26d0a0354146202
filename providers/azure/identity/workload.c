/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Workload identity: a federated token that Kubernetes projects into a file, exchanged for a token of Microsoft
 * Entra; on clusters with identity bindings through the cluster's own proxy.
 */
#include "azure/identity/kinds.h"

#include "azure/config/setting.h"
#include "azure/wire/entra.h"
#include "base/uri.h"
#include "sdk/file.h"
#include "sdk/host.h"

#include <string.h>

enum { FEDERATED_TOKEN_MOST = 64 * 1024 };

static const char token_file_variable[] = "AZURE_FEDERATED_TOKEN_FILE";

/* The file as it is now: the cluster renews it. White space at its end is no part of the token. */
static enum mstr_code read_token(const char *path, struct buffer *out, struct mstr_error *error)
{
    enum mstr_code code = file_read(path, token_file_variable, 0, out, error);
    if (code == MSTR_E_NOT_AVAILABLE) {
        code = error_hint(
            error,
            host->error_set(error, MSTR_E_CONFIG, "%s names %.200s, which is not there", token_file_variable, path),
            "check that the pod has the label azure.workload.identity/use "
            "and its service account the client id");
    }
    while (out->length > 0 && strchr(" \t\r\n", out->data[out->length - 1]) != NULL) {
        buffer_truncate(out, out->length - 1);
    }
    if (code == MSTR_OK && out->length == 0) {
        code = host->error_set(error, MSTR_E_CONFIG, "%.200s (%s) is empty", path, token_file_variable);
    } else if (code == MSTR_OK && (out->length > FEDERATED_TOKEN_MOST || strlen(out->data) != out->length)) {
        code = host->error_set(error, MSTR_E_CONFIG, "%.200s (%s) is no token: it %s", path, token_file_variable,
                               out->length > FEDERATED_TOKEN_MOST ? "is larger than 64 KiB" : "holds a NUL");
    }
    return code;
}

static enum mstr_code prove(const void *data, const struct proof_context *context, struct buffer *form,
                            struct mstr_error *error)
{
    struct buffer federated = BUFFER_INIT;
    (void)context;
    enum mstr_code code = read_token(data, &federated, error);
    if (code == MSTR_OK) {
        code = entra_put_assertion(buffer_text(&federated), form, error);
    }
    buffer_release(&federated);
    return code;
}

/* The variables of identity bindings, checked. `used` tells whether there is a proxy at all. */
static enum mstr_code find_proxy(struct token_proxy *proxy, bool *used, struct mstr_error *error)
{
    struct uri uri;
    *proxy = (struct token_proxy){.url = setting_variable("AZURE_KUBERNETES_TOKEN_PROXY"),
                                  .server_name = setting_variable("AZURE_KUBERNETES_SNI_NAME"),
                                  .ca_file = setting_variable("AZURE_KUBERNETES_CA_FILE"),
                                  .ca_pem = setting_variable("AZURE_KUBERNETES_CA_DATA")};
    *used = proxy->url != NULL;
    if (!*used) {
        bool stray = proxy->server_name != NULL || proxy->ca_file != NULL || proxy->ca_pem != NULL;
        return stray ? host->error_set(error, MSTR_E_CONFIG,
                                       "AZURE_KUBERNETES_SNI_NAME, _CA_FILE or _CA_DATA is set without "
                                       "AZURE_KUBERNETES_TOKEN_PROXY")
                     : MSTR_OK;
    }
    if (!uri_parse(proxy->url, &uri) || !uri.https || uri.user != NULL || uri.query != NULL || uri.fragment) {
        return host->error_set(error, MSTR_E_CONFIG, "AZURE_KUBERNETES_TOKEN_PROXY: \"%.200s\" %s", proxy->url,
                               uri_fault(proxy->url, "is no https URL of host and path alone"));
    }
    if (proxy->ca_file != NULL && proxy->ca_pem != NULL) {
        return host->error_set(error, MSTR_E_CONFIG,
                               "AZURE_KUBERNETES_CA_FILE and AZURE_KUBERNETES_CA_DATA are both set");
    }
    return MSTR_OK;
}

enum mstr_code workload_identity(const struct turn *turn, struct token *token, struct mstr_error *error)
{
    struct token_proxy proxy;
    bool proxied = false;
    const char *tenant_from = NULL;
    const char *client_from = NULL;
    const char *tenant = setting_find(turn->ask.instance, "tenant_id", "AZURE_TENANT_ID", &tenant_from);
    const char *client = setting_find(turn->ask.instance, "client_id", "AZURE_CLIENT_ID", &client_from);
    const char *path = setting_variable(token_file_variable);
    if (tenant == NULL || client == NULL || path == NULL) {
        return host->error_set(error, MSTR_E_NOT_AVAILABLE, "%s is not set",
                               path == NULL     ? token_file_variable
                               : client == NULL ? client_from
                                                : tenant_from);
    }
    buffer_printf(turn->who, "application %.80s (%s) of tenant %.80s (%s) by the federated token in %.200s", client,
                  client_from, tenant, tenant_from, path);
    enum mstr_code code = find_proxy(&proxy, &proxied, error);
    if (code != MSTR_OK) {
        return code;
    }
    const struct grant grant = {.own_tenant = tenant,
                                .client_id = client,
                                .regional = !proxied,
                                .proxy = proxied ? &proxy : NULL,
                                .prove = prove,
                                .data = path,
                                .rereads = true};
    return entra_token(&turn->ask, &grant, token, error);
}
