/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts of managed identities. */
#include "azure/identity/managed_host.h"

#include "azure/wire/token_answer.h"
#include "base/uri.h"
#include "sdk/host.h"

#include <string.h>

enum mstr_code managed_url(const struct ask *ask, const struct managed_host *managed, const struct managed_id *id,
                           const char *url, struct buffer *out, struct mstr_error *error)
{
    const char *resource = ask->demand->resource;
    /* After a claims challenge: which token was refused, so that the host does not hand it out again. */
    bool refused = ask->demand->refused[0] != '\0' && managed->claims_version != NULL;
    if (id->naming != BY_NOTHING && managed->parameters[id->naming] == NULL) {
        return error_hint(error,
                          host->error_set(error, MSTR_E_CONFIG, "%s cannot be asked for the identity that %s names",
                                          managed->name, id->from),
                          "unset it: the host decides which identity it gives");
    }
    buffer_printf(out, "%s%capi-version=%s&resource=", url, strchr(url, '?') != NULL ? '&' : '?',
                  refused ? managed->claims_version : managed->api_version);
    uri_encode(out, resource, strlen(resource));
    if (id->naming != BY_NOTHING) {
        uri_form_add(out, managed->parameters[id->naming], id->value);
    }
    if (refused) {
        buffer_printf(out, "&xms_cc=cp1&token_sha256_to_refresh=%s", ask->demand->refused);
    }
    return out->failed ? host->error_set(error, MSTR_E_MEMORY, "out of memory") : MSTR_OK;
}

/* The reason that an answer gives, out of all the places where hosts write one. */
static const char *reason_of(struct json_object *body)
{
    static const char *const members[] = {"error_description", "message", "ExceptionMessage", "error"};
    struct json_object *nested = json_member(body, "error");
    const char *reason = json_member_text(nested, "message");
    for (size_t i = 0; reason == NULL && i < sizeof(members) / sizeof(*members); i++) {
        reason = json_member_text(body, members[i]);
    }
    return reason;
}

/* A service that fails tells nothing of the identity; and what answers in its place nothing at all. */
static const char *hint_of(enum mstr_code code, const struct managed_id *id, const char *reason)
{
    if (code == MSTR_E_UNAVAILABLE || code == MSTR_E_THROTTLED) {
        return "the service is there but fails or is overrun: try again later; where it stays so, look at the health "
               "of this machine or service in Azure";
    }
    if (code == MSTR_E_PROTOCOL) {
        return NULL;
    }
    if (reason != NULL && strstr(reason, "Multiple user assigned identities") != NULL) {
        return "several identities are assigned to this machine: set managed_identity_client_id to the one that is "
               "meant";
    }
    if (id->naming != BY_NOTHING) {
        return "check that this very identity is assigned to the machine; a stale AZURE_CLIENT_ID asks for another "
               "one than meant, and managed_identity_client_id goes before it";
    }
    return "assign a managed identity to this machine or service, and restart what runs there";
}

enum mstr_code managed_refusal(const struct mstr_http_answer *answer, const struct managed_host *managed,
                               const struct managed_id *id, enum mstr_code refused, struct mstr_error *error)
{
    enum mstr_code code = attempt_class(answer->status, refused);
    struct json_object *body = NULL;
    enum mstr_code parsed = json_read(answer->body, answer->body_length, &body);
    const char *reason = reason_of(body);
    host->error_set(error, code, "%s answered %d: %.300s", managed->name, (int)answer->status,
                    reason != NULL ? reason : "no reason given");
    host->error_detail(error, MSTR_DETAIL_SERVICE_CODE, json_member_text(body, "error"));
    host->error_detail(error, MSTR_DETAIL_HINT, hint_of(code, id, reason));
    return json_done(body, parsed, code, error);
}

enum mstr_code managed_read(void *question, struct attempt *attempt, struct mstr_http_response *response,
                            struct mstr_error *error)
{
    const struct managed_question *asked = question;
    const struct managed_host *managed = asked->managed;
    const struct mstr_http_answer *answer = host->http_answer(response);
    struct json_object *body = NULL;
    if (attempt->status != 200) {
        return managed_refusal(answer, managed, asked->id, MSTR_E_AUTHENTICATION, error);
    }
    enum mstr_code parsed = json_read(answer->body, answer->body_length, &body);
    enum mstr_code code = managed->check != NULL ? managed->check(asked->id, body, error) : MSTR_OK;
    if (code == MSTR_OK) {
        code = token_answer_read(body, answer->received, managed->name, asked->token, error);
    }
    return json_done(body, parsed, code, error);
}
