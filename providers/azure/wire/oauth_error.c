/* SPDX-License-Identifier: Apache-2.0 */
/* Refusals of token endpoints. */
#include "azure/wire/oauth_error.h"

#include "base/json.h"
#include "base/text.h"
#include "sdk/attempt.h"
#include "sdk/host.h"

#include <stdlib.h>
#include <string.h>

enum { STALE_ASSERTION = 700024, TRANSIENT = 90033 };

/* Microsoft says that the numbers are no contract: they choose hints and, where two words of OAuth are too coarse, a
 * retry; never the class. */
static const struct {
    int64_t number;
    const char *hint;
} hints[] = {
    {7000215, "the client secret is wrong; often the secret's id was pasted in place of its value"},
    {7000222, "the client secret has expired: make a new one in the app registration"},
    {700016, "there is no application of this client id in the tenant: check AZURE_CLIENT_ID and AZURE_TENANT_ID"},
    {90002, "there is no such tenant: check AZURE_TENANT_ID and, for sovereign clouds, AZURE_AUTHORITY_HOST"},
    {900023, "the tenant is neither an id nor a domain of a tenant: check AZURE_TENANT_ID"},
    {700027, "the certificate is not registered with the application, or the key is another one's"},
    {STALE_ASSERTION, "the assertion is outside its validity: check this machine's clock, and that the federated "
                      "token file is renewed"},
    {700211, "the issuer of the federated token does not fit the application's federated credential"},
    {700212, "the audience of the federated token does not fit: it should be api://AzureADTokenExchange"},
    {700213, "the subject of the federated token does not fit: check namespace and service account"},
    {70021, "no federated credential of the application fits the token's issuer, subject and audience"},
    {500011, "the vault's resource is unknown to this tenant: check that cloud and tenant are the vault's"},
    {50001, "the vault's resource is unknown to this tenant: check that cloud and tenant are the vault's"},
    {70011, "the scope is not valid here: check that cloud and vault belong together"},
    {1002012, "client credentials take a resource's /.default scope only"},
    {50020, "the user belongs to another tenant: name the vault's tenant"},
    {53003, "a conditional access policy refuses this identity from here"},
};

static const char *hint_of(int64_t number, const char *word)
{
    for (size_t i = 0; i < sizeof(hints) / sizeof(*hints); i++) {
        if (hints[i].number == number) {
            return hints[i].hint;
        }
    }
    return word != NULL && strcmp(word, "invalid_client") == 0
               ? "the client id and its secret, certificate or federated token do not fit"
               : NULL;
}

/* The first of "error_codes", else the number after "AADSTS". */
static int64_t number_of(struct json_object *body, const char *description)
{
    struct json_object *codes = json_member(body, "error_codes");
    if (json_object_is_type(codes, json_type_array) && json_object_array_length(codes) > 0) {
        return json_object_get_int64(json_object_array_get_idx(codes, 0));
    }
    const char *at = description != NULL ? strstr(description, "AADSTS") : NULL;
    return at != NULL ? strtoll(at + strlen("AADSTS"), NULL, 10) : 0;
}

static enum mstr_code class_of(int status, const char *word, bool passing)
{
    if (status == 429) {
        return MSTR_E_THROTTLED;
    }
    if (passing) {
        return MSTR_E_UNAVAILABLE;
    }
    return word != NULL ? MSTR_E_AUTHENTICATION : MSTR_E_PROTOCOL;
}

struct oauth_refusal oauth_error_read(struct mstr_http_response *response, const char *who, struct mstr_error *error)
{
    const struct mstr_http_answer *answer = host->http_answer(response);
    struct json_object *body = NULL;
    enum mstr_code parsed = json_read(answer->body, answer->body_length, &body);
    const char *word = json_member_text(body, "error");
    const char *description = json_member_text(body, "error_description");
    const char *correlation = json_member_text(body, "correlation_id");
    const char *when = json_member_text(body, "timestamp");
    struct oauth_refusal refusal = {.number = number_of(body, description)};
    refusal.stale = refusal.number == STALE_ASSERTION;
    refusal.passing = attempt_status_passes(answer->status) || refusal.number == TRANSIENT ||
                      (word != NULL && strcmp(word, "temporarily_unavailable") == 0);
    refusal.code = class_of(answer->status, word, refusal.passing);
    int first_line = description != NULL ? (int)strcspn(description, "\r\n") : 0;
    host->error_set(error, refusal.code, "%s answered %d %.60s%s%.*s%s%.40s", who, (int)answer->status,
                    word != NULL ? word : "with no OAuth error", first_line > 0 ? ": " : "",
                    first_line < 400 ? first_line : 400, description != NULL ? description : "",
                    when != NULL ? ", " : "", when != NULL ? when : "");
    host->error_detail(error, MSTR_DETAIL_SERVICE_CODE, word);
    host->error_detail(error, MSTR_DETAIL_REQUEST_ID, correlation);
    host->error_detail(error, MSTR_DETAIL_HINT, hint_of(refusal.number, word));
    if (refusal.code == MSTR_E_PROTOCOL) {
        host->error_detail(error, MSTR_DETAIL_HINT,
                           "what answers there is no authority: check the address, and "
                           "whether a proxy stands between");
    }
    if (refusal.stale) {
        clock_skew_tell(response, error);
    }
    refusal.code = json_done(body, parsed, refusal.code, error);
    return refusal;
}
