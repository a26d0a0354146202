/* SPDX-License-Identifier: Apache-2.0 */
/* Azure Pipelines: a federated token that the pipeline issues for a service connection. */
#include "azure/identity/kinds.h"

#include "azure/config/setting.h"
#include "azure/wire/entra.h"
#include "azure/wire/send.h"
#include "base/json.h"
#include "base/text.h"
#include "base/uri.h"
#include "sdk/host.h"

#include <string.h>

/* Where each part comes from: the section, or what the tasks AzureCLI and AzurePowerShell set. */
enum { TENANT, CLIENT, CONNECTION, ACCESS_TOKEN, ISSUER, PARTS };
static const struct {
    const char *option;
    const char *variable;
} parts[PARTS] = {
    [TENANT] = {"tenant_id", "AZURESUBSCRIPTION_TENANT_ID"},
    [CLIENT] = {"client_id", "AZURESUBSCRIPTION_CLIENT_ID"},
    [CONNECTION] = {"service_connection_id", "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"},
    [ACCESS_TOKEN] = {"system_access_token", "SYSTEM_ACCESSTOKEN"},
    [ISSUER] = {NULL, "SYSTEM_OIDCREQUESTURI"},
};

/* A job, whoever asks for a token in it. */
struct job {
    const struct ask *ask;
    const char *values[PARTS];
};

static enum mstr_code read(void *data, struct attempt *attempt, struct mstr_http_response *response,
                           struct mstr_error *error)
{
    const struct mstr_http_answer *answer = host->http_answer(response);
    struct json_object *body = NULL;
    enum mstr_code parsed = attempt->status == 200 ? json_read(answer->body, answer->body_length, &body) : MSTR_OK;
    const char *token = json_member_text(body, "oidcToken");
    enum mstr_code code = MSTR_OK;
    if (attempt->status != 200) {
        code = host->error_set(error, attempt_class(attempt->status, MSTR_E_AUTHENTICATION),
                               "Azure Pipelines answered %d to the request for a token", (int)attempt->status);
        host->error_detail(error, MSTR_DETAIL_REQUEST_ID, host->http_header(response, "x-vss-e2eid"));
        host->error_detail(error, MSTR_DETAIL_HINT,
                           "check the id of the service connection, that the pipeline may use it, and that the step "
                           "maps $(System.AccessToken) to SYSTEM_ACCESSTOKEN");
    } else if (token == NULL) {
        code = host->error_set(error, MSTR_E_PROTOCOL, "Azure Pipelines answered without an oidcToken");
    } else if (!buffer_puts(data, token)) {
        parsed = MSTR_E_MEMORY;
    }
    return json_done(body, parsed, code, error);
}

/* A new one for each attempt: it is good for minutes. Without the last header a refusal would be a page to sign
 * in. */
static enum mstr_code prove(const void *data, const struct proof_context *context, struct buffer *form,
                            struct mstr_error *error)
{
    const struct job *job = data;
    struct buffer url = BUFFER_INIT;
    struct buffer bearer = BUFFER_INIT;
    struct buffer token = BUFFER_INIT;
    (void)context;
    buffer_printf(&url, "%s?api-version=7.1", job->values[ISSUER]);
    uri_form_add(&url, "serviceConnectionId", job->values[CONNECTION]);
    buffer_printf(&bearer, "Bearer %s", job->values[ACCESS_TOKEN]);
    const struct mstr_header headers[] = {{"Authorization", buffer_text(&bearer)},
                                          {"Content-Type", "application/json"},
                                          {"X-TFS-FedAuthRedirect", "Suppress"}};
    const struct mstr_http_request post = {
        .method = "POST", .url = buffer_text(&url), .headers = headers, .header_count = 3};
    struct request request = {.traffic = &send_traffic,
                              .ca_file = send_ca_file(job->ask->instance),
                              .error = error,
                              .fixed = &post,
                              .read = read,
                              .data = &token};
    enum mstr_code code = request_send(&request, job->ask->call);
    if (code == MSTR_OK) {
        code = entra_put_assertion(buffer_text(&token), form, error);
    }
    buffer_release(&token);
    buffer_release(&bearer);
    buffer_release(&url);
    return code;
}

enum mstr_code pipelines_identity(const struct turn *turn, struct token *token, struct mstr_error *error)
{
    struct job job = {.ask = &turn->ask};
    const char *const *values = job.values;
    const char *from[PARTS] = {NULL};
    for (size_t i = 0; i < PARTS; i++) {
        job.values[i] = parts[i].option != NULL
                            ? setting_find(turn->ask.instance, parts[i].option, parts[i].variable, &from[i])
                            : setting_variable(parts[i].variable);
        if (values[i] == NULL) {
            return host->error_set(error, MSTR_E_NOT_AVAILABLE, "%s is not set", parts[i].variable);
        }
    }
    buffer_printf(turn->who, "application %.80s of tenant %.80s by the service connection %.80s", values[CLIENT],
                  values[TENANT], values[CONNECTION]);
    if (text_starts_with(values[ACCESS_TOKEN], "$(")) {
        return error_hint(error,
                          host->error_set(error, MSTR_E_CONFIG, "%s holds the name of a variable, not its value",
                                          from[ACCESS_TOKEN]),
                          "map it in env: of the step, as SYSTEM_ACCESSTOKEN: $(System.AccessToken); nothing expands "
                          "it elsewhere");
    }
    if (!token_fits_header(values[ACCESS_TOKEN], strlen(values[ACCESS_TOKEN]))) {
        return host->error_set(error, MSTR_E_CONFIG, "%s holds what no header can: a blank or the end of a line",
                               from[ACCESS_TOKEN]);
    }
    const struct grant grant = {.own_tenant = values[TENANT],
                                .client_id = values[CLIENT],
                                .regional = true,
                                .prove = prove,
                                .data = &job,
                                .rereads = true};
    return entra_token(&turn->ask, &grant, token, error);
}
