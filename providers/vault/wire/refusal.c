/* SPDX-License-Identifier: Apache-2.0 */
/* What Vault and OpenBao refuse, and why. */
#include "vault/wire/refusal.h"

#include "base/json.h"
#include "base/text.h"
#include "sdk/host.h"

#include <string.h>

enum { SEALED_ATTEMPTS = 2, TEXTS_MOST = 500 };

/* Which answers it is about. */
enum scope { ANY, READS, LOGINS };

/* The first that fits counts. Texts of Vault 1.12 to 1.21 and OpenBao 2.6. */
static const struct known {
    int status;
    enum scope scope;
    const char *part; /* of the text; "" = whatever it says */
    enum mstr_code class;
    enum again again;
    const char *hint;
} known_refusals[] = {
    {503, ANY, "sealed", MSTR_E_UNAVAILABLE, AGAIN_LATER, "an operator has to unseal it: vault operator unseal"},
    {503, ANY, "", MSTR_E_UNAVAILABLE, AGAIN_LATER, "check that the cluster has an active node: vault status"},
    {501, ANY, "", MSTR_E_UNAVAILABLE, AGAIN_NEVER, "an operator has to initialise it: vault operator init"},
    {472, ANY, "", MSTR_E_UNAVAILABLE, AGAIN_NEVER, "the address is that of a disaster recovery secondary"},
    {473, ANY, "", MSTR_E_UNAVAILABLE, AGAIN_NEVER, "the address is that of a performance standby"},
    {412, ANY, "X-Vault-Request", MSTR_E_CONFIG, AGAIN_NEVER,
     "something on the way takes the header X-Vault-Request out of requests: let it through"},
    {412, ANY, "", MSTR_E_UNAVAILABLE, AGAIN_LATER, "the node has not caught up with the others yet"},
    {429, ANY, "lease count", MSTR_E_THROTTLED, AGAIN_NEVER,
     "too many leases are alive: revoke some, or have the quota raised"},
    {429, ANY, "", MSTR_E_THROTTLED, AGAIN_LATER, "ask less often, or have the rate limit quota raised"},
    {500, ANY, "past the max TTL", MSTR_E_AUTHENTICATION, AGAIN_NEVER, NULL},
    {500, ANY, "could not load backend configuration", MSTR_E_CONFIG, AGAIN_NEVER,
     "the auth method has no configuration yet: vault write auth/kubernetes/config"},
    {400, LOGINS, "role or secret ID", MSTR_E_AUTHENTICATION, AGAIN_NEVER,
     "Vault says the same of an unknown role and of a wrong, expired or used-up secret id; check role_id, secret_id "
     "and "
     "auth_mount"},
    {400, LOGINS, "valid region", MSTR_E_AUTHENTICATION, AGAIN_NEVER,
     "set sts_region to the region of the STS endpoint that Vault is configured for; check iam_server_id too"},
    {400, LOGINS, "upstream request", MSTR_E_AUTHENTICATION, AGAIN_NEVER,
     "Vault asked AWS STS, which refused: check sts_region, iam_server_id and the AWS keys"},
    {400, LOGINS, "validating", MSTR_E_AUTHENTICATION, AGAIN_NEVER,
     "check issuer, audience and lifetime of the token in jwt_file against the role's"},
    {400, LOGINS, "oidc role_type", MSTR_E_AUTHENTICATION, AGAIN_NEVER,
     "the role wants a browser: name one of role_type jwt"},
    {400, LOGINS, "certificate", MSTR_E_AUTHENTICATION, AGAIN_NEVER,
     "check that client_cert fits the role, and that nothing on the way ends TLS before Vault"},
    {400, LOGINS, "no chain matching", MSTR_E_AUTHENTICATION, AGAIN_NEVER, "check that client_cert fits the role"},
    {400, LOGINS, "missing client token", MSTR_E_AUTHENTICATION, AGAIN_NEVER, "check auth_mount and auth_namespace"},
    {400, LOGINS, "", MSTR_E_AUTHENTICATION, AGAIN_NEVER, "check role and auth_mount"},
    {403, LOGINS, "service account name", MSTR_E_AUTHENTICATION, AGAIN_NEVER,
     "add the pod's service account and namespace to the role's bound names"},
    {403, LOGINS, "", MSTR_E_AUTHENTICATION, AGAIN_NEVER,
     "check auth_mount, auth_namespace and role; after five refused logins Vault locks the id for 15 minutes"},
    {400, READS, "missing client token", MSTR_E_AUTHENTICATION, AGAIN_NEVER,
     "no token was sent, as auth = none says: that is for an agent or proxy that has its own"},
    {403, READS, "", MSTR_E_DENIED, AGAIN_NEVER, NULL},
    {400, READS, "", MSTR_E_REQUEST, AGAIN_NEVER, NULL},
    {404, LOGINS, "", MSTR_E_CONFIG, AGAIN_NEVER,
     "no such auth method or namespace: check auth_mount, auth_namespace and namespace"}, /* never "no such secret" */
    {404, ANY, "no handler for route", MSTR_E_NOT_FOUND, AGAIN_NEVER,
     "no engine is mounted there: check the path's beginning, and the namespace"},
    {404, ANY, "namespace", MSTR_E_NOT_FOUND, AGAIN_NEVER, "check the namespace"},
    {404, ANY, "", MSTR_E_NOT_FOUND, AGAIN_NEVER, NULL},
    {405, ANY, "", MSTR_E_REQUEST, AGAIN_NEVER, "the engine has nothing to read at this path"},
};

/* On one line; "1 error occurred:\n\t* permission denied\n\n" is Go's way to say "permission denied". */
static void put_text(const char *text, struct buffer *out)
{
    const char *list = strspn(text, "0123456789") > 0 ? strstr(text, " occurred:") : NULL;
    bool first = true;
    text = list != NULL ? list + strlen(" occurred:") : text;
    for (text += strspn(text, " \t\r\n*"); *text != '\0'; text += strspn(text, " \t\r\n*")) {
        size_t length = strcspn(text, "\r\n");
        buffer_puts(out, first ? "" : "; ");
        buffer_append(out, text, length);
        first = false;
        text += length;
    }
}

/* The texts of the body, one after the other. False where it is not of Vault's form. */
static bool read_texts(struct json_object *body, struct buffer *out)
{
    struct json_object *errors = json_member(body, "errors");
    bool list = json_object_is_type(errors, json_type_array);
    for (size_t i = 0; list && i < json_object_array_length(errors); i++) {
        const char *text = json_text(json_object_array_get_idx(errors, i));
        if (text != NULL && out->length < TEXTS_MOST) {
            buffer_puts(out, out->length > 0 ? "; " : "");
            put_text(text, out);
        }
    }
    return list || json_member(body, "request_id") != NULL;
}

static const struct known *find(int status, const struct vault_asked *asked, const char *text)
{
    enum scope scope = asked->login ? LOGINS : READS;
    for (size_t i = 0; i < sizeof(known_refusals) / sizeof(*known_refusals); i++) {
        const struct known *known = &known_refusals[i];
        if (known->status == status && (known->scope == ANY || known->scope == scope) &&
            strstr(text, known->part) != NULL) {
            return known;
        }
    }
    return NULL;
}

/* A login may have been counted, or its secret used up, even where its answer is a failure. */
static void set_again(const struct known *known, const struct vault_asked *asked, const char *text,
                      struct attempt *attempt)
{
    attempt->again = known != NULL ? known->again : asked->login ? AGAIN_NEVER : AGAIN_BY_POLICY;
    if (attempt->status == 503 && strstr(text, "sealed") != NULL && attempt->count >= SEALED_ATTEMPTS) {
        attempt->again = AGAIN_NEVER;
    }
}

enum mstr_code vault_refusal_read(struct mstr_http_response *response, const struct vault_asked *asked,
                                  struct attempt *attempt, bool *token, struct mstr_error *error)
{
    const struct mstr_http_answer *answer = host->http_answer(response);
    struct json_object *body = NULL;
    struct buffer text = BUFFER_INIT;
    enum mstr_code parsed = json_read(answer->body, answer->body_length, &body);
    bool own = read_texts(body, &text);
    const struct known *known = find(answer->status, asked, buffer_text(&text));
    enum mstr_code class = known != NULL ? known->class : attempt_class(answer->status, MSTR_E_REQUEST);
    if (!own && known != NULL && known->again == AGAIN_NEVER) {
        known = NULL; /* a proxy's page, or another server */
        class = MSTR_E_PROTOCOL;
    }
    const char *said = !own                        ? "something that Vault would not say"
                       : text.length > 0           ? buffer_text(&text)
                       : class == MSTR_E_NOT_FOUND ? "nothing is there"
                                                   : "no reason given";
    host->error_set(error, class, "%s: Vault answered %d: %.500s", asked->what, (int)answer->status, said);
    host->error_detail(error, MSTR_DETAIL_HINT, known != NULL ? known->hint : NULL);
    host->error_detail(error, MSTR_DETAIL_REQUEST_ID, json_member_text(body, "request_id"));
    set_again(known, asked, buffer_text(&text), attempt);
    if (token != NULL) {
        *token = answer->status == 403 && (strstr(buffer_text(&text), "invalid token") != NULL ||
                                           strstr(buffer_text(&text), "bad token") != NULL);
    }
    buffer_release(&text);
    return json_done(body, parsed, class, error);
}
