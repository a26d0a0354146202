/* SPDX-License-Identifier: Apache-2.0 */
/* Refusals of Key Vault. */
#include "azure/service/service_error.h"

#include "base/json.h"
#include "base/text.h"
#include "sdk/clock_skew.h"
#include "sdk/host.h"

#include <string.h>

/* By the inner code where there is one, else by the code; what the message holds decides where neither does. */
static const struct known {
    const char *code;
    const char *part; /* of the message; NULL = any */
    enum mstr_code class;
    const char *hint;
} known_refusals[] = {
    {"ForbiddenByRbac", NULL, MSTR_E_DENIED,
     "give this identity the role Key Vault Secrets User on the vault (Action Microsoft.KeyVault/vaults/secrets/"
     "getSecret/action); a new assignment takes some minutes to spread"},
    {"AccessDenied", NULL, MSTR_E_DENIED,
     "the vault uses access policies: give this identity the secret permission Get, e.g. with az keyvault set-policy "
     "--secret-permissions get"},
    {"ForbiddenByPolicy", NULL, MSTR_E_DENIED,
     "give this identity the secret permission Get in the vault's access "
     "policy"},
    {"ForbiddenByFirewall", NULL, MSTR_E_DENIED,
     "the vault's firewall refuses this address: add it to the vault's "
     "networks, or use a private endpoint"},
    {"ForbiddenByConnection", NULL, MSTR_E_DENIED,
     "the vault allows no public access: use its private endpoint, and "
     "check that the vault's name resolves to it"},
    {"SecretDisabled", NULL, MSTR_E_DENIED, "enable the version, or name another one"},
    {"SecretNotFound", NULL, MSTR_E_NOT_FOUND,
     "check the name and version; a deleted secret waits in the vault until "
     "it is recovered or purged"},
    {"VaultNotFound", NULL, MSTR_E_NOT_FOUND, "check the vault's name and its cloud"},
    {"BadParameter", NULL, MSTR_E_REQUEST, "check the name and version, and api_version"},
    {"Conflict", NULL, MSTR_E_UNAVAILABLE, "the secret is just being deleted or recovered"},
    {"Throttled", NULL, MSTR_E_THROTTLED, "many requests reach this vault: cache longer"},
    {"Unauthorized", "AKV10022", MSTR_E_AUTHENTICATION,
     "the token is for another audience: check the vault's cloud, and challenge_resource"},
    {"Unauthorized", "AKV10032", MSTR_E_AUTHENTICATION,
     "the token is of another tenant than the vault: set the tenant to the vault's, or allow it in "
     "AZURE_ADDITIONALLY_ALLOWED_TENANTS"},
};

static const struct known *find(const char *code, const char *message)
{
    for (size_t i = 0; code != NULL && i < sizeof(known_refusals) / sizeof(*known_refusals); i++) {
        const struct known *known = &known_refusals[i];
        bool fits = known->part == NULL || (message != NULL && strstr(message, known->part) != NULL);
        if (fits && strcmp(known->code, code) == 0) {
            return known;
        }
    }
    return NULL;
}

static enum mstr_code class_of(int status)
{
    static const struct {
        int status;
        enum mstr_code class;
    } classes[] = {{401, MSTR_E_AUTHENTICATION}, {403, MSTR_E_DENIED},      {404, MSTR_E_NOT_FOUND},
                   {408, MSTR_E_UNAVAILABLE},    {409, MSTR_E_UNAVAILABLE}, {429, MSTR_E_THROTTLED}};
    for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
        if (classes[i].status == status) {
            return classes[i].class;
        }
    }
    if (status < 400) {
        return MSTR_E_PROTOCOL; /* a redirect: none is followed with a token */
    }
    return status >= 500 ? MSTR_E_UNAVAILABLE : MSTR_E_REQUEST;
}

/* The service writes "innererror", its documents "InnerError". */
static struct json_object *member_nocase(struct json_object *object, const char *name)
{
    if (!json_object_is_type(object, json_type_object)) {
        return NULL;
    }
    json_object_object_foreach(object, key, value)
    {
        if (text_equal_nocase(key, name)) {
            return value;
        }
    }
    return NULL;
}

static enum mstr_code tell_foreign(const struct mstr_http_answer *answer, const char *what, struct mstr_error *error)
{
    enum mstr_code class = class_of(answer->status);
    class = class == MSTR_E_NOT_FOUND || class == MSTR_E_REQUEST || class == MSTR_E_DENIED ? MSTR_E_PROTOCOL : class;
    return error_hint(
        error,
        host->error_set(error, class, "%s answered %d, not in the way of Key Vault", what, (int)answer->status),
        "check that the host is a vault, and whether a proxy or gateway stands between");
}

enum mstr_code service_error_read(struct mstr_http_response *response, const char *what, struct mstr_error *error)
{
    const struct mstr_http_answer *answer = host->http_answer(response);
    struct json_object *body = NULL;
    enum mstr_code parsed = json_read(answer->body, answer->body_length, &body);
    struct json_object *told = json_member(body, "error");
    const char *code = json_member_text(told, "code");
    const char *inner = json_member_text(member_nocase(told, "innererror"), "code");
    const char *message = json_member_text(told, "message");
    const struct known *known = find(inner, message);
    known = known != NULL ? known : find(code, message);
    enum mstr_code class = known != NULL ? known->class : class_of(answer->status);
    if (code == NULL) {
        class = tell_foreign(answer, what, error);
    } else {
        host->error_set(error, class, "%s answered %d %.60s%s%.60s: %.600s", what, (int)answer->status, code,
                        inner != NULL ? "/" : "", inner != NULL ? inner : "",
                        message != NULL ? message : "no reason given");
        host->error_detail(error, MSTR_DETAIL_SERVICE_CODE, inner != NULL ? inner : code);
        host->error_detail(error, MSTR_DETAIL_HINT, known != NULL ? known->hint : NULL);
    }
    host->error_detail(error, MSTR_DETAIL_REQUEST_ID, host->http_header(response, "x-ms-request-id"));
    if (answer->status == 401) {
        clock_skew_tell(response, error);
    }
    return json_done(body, parsed, class, error);
}
