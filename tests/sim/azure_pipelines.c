/* SPDX-License-Identifier: Apache-2.0 */
/* Azure Pipelines as an issuer: a job's own token buys a federated one for a service connection. */
#include "azure.h"
#include "jwt.h"

#include "base/json.h"

#include <stdio.h>
#include <string.h>

enum { LIFETIME = 600 }; /* s */

/* What the platform puts into a job's environment. */
static const char job_token[] = "Bearer sim-system-access-token";

static void refuse(struct azure_call *call, int status, const char *why)
{
    struct json_object *body = json_object_new_object();
    sim_put(body, "message", why);
    sim_reply_json(call->reply, status, body);
    sim_verdict(call->reply, "%s", why);
}

static bool says(const struct azure_call *call, const char *header, const char *value)
{
    const char *sent = sim_header(call->request, header);
    return sent && !strcmp(sent, value);
}

static void issue(struct azure_call *call, struct json_object *connection)
{
    char claims[512];
    struct buffer token = BUFFER_INIT;
    struct json_object *body = json_object_new_object();
    snprintf(claims, sizeof(claims),
             "{\"iss\":\"https://pipelines.sim.example/org\",\"aud\":\"api://AzureADTokenExchange\",\"sub\":\"%s\","
             "\"exp\":%lld}",
             json_member_text(connection, "subject"), (long long)(sim_now() / 1000 + LIFETIME));
    sim_jwt_issue(claims, &token);
    sim_put(body, "oidcToken", buffer_text(&token));
    sim_reply_json(call->reply, 200, body);
    buffer_release(&token);
}

bool azure_pipelines(struct azure_call *call)
{
    const char *version = sim_query(call->request, "api-version");
    struct json_object *connection =
        azure_find("service_connections", "id", sim_query(call->request, "serviceConnectionId"));
    if (strcmp(call->request->path, "/pipelines/oidctoken") != 0)
        return false;
    if (!says(call, "Authorization", job_token)) {
        refuse(call, says(call, "X-TFS-FedAuthRedirect", "Suppress") ? 401 : 302, "the job's token is not this one");
    } else if (!sim_is(call->request, "POST") || !says(call, "Content-Type", "application/json")) {
        refuse(call, 405, "this is to be posted as JSON");
    } else if (!version || strcmp(version, "7.1") != 0 || !connection) {
        refuse(call, 404, "there is no such version or service connection");
    } else {
        issue(call, connection);
    }
    return true;
}
