/* SPDX-License-Identifier: Apache-2.0 */
/* OAuth token endpoints. */
#include "gcp/wire/oauth.h"

#include "base/base64.h"
#include "base/json.h"
#include "gcp/wire/http.h"
#include "sdk/clock_skew.h"
#include "sdk/host.h"

#include <string.h>

enum { LIFETIME_MAX = 7 * 24 * 3600, LIFETIME_ASSUMED = 600 }; /* s */

bool oauth_is_passing(int status, struct json_object *body)
{
    static const char *const words[] = {"internal_failure", "server_error", "temporarily_unavailable"};
    const char *error = json_member_text(body, "error");
    const char *description = json_member_text(body, "error_description");
    bool passing = status == 408 || status == 429 || status >= 500;
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        passing = passing || (error != NULL && strcmp(error, words[i]) == 0) ||
                  (description != NULL && strcmp(description, words[i]) == 0);
    }
    return passing;
}

/* What users can do about the refusals that Google documents; the first that fits. */
static const char *hint_of(const char *error, const char *subtype, const char *description)
{
    static const struct {
        const char *error;
        const char *description; /* part of it, NULL = any */
        const char *hint;
    } hints[] = {
        {"invalid_grant", "Invalid JWT Signature", "the key was deleted or is another account's: make a new key"},
        {"invalid_grant", "short-lived", "check this machine's clock"},
        {"invalid_grant", NULL,
         "the grant expired or was revoked: sign in again with gcloud auth application-default "
         "login, or replace the key"},
        {"invalid_scope", NULL, "the identity may not ask for the cloud-platform scope"},
        {"unauthorized_client", NULL,
         "delegation is not allowed for this client, or the provider's attribute "
         "condition refuses it"},
        {"invalid_target", NULL,
         "the workload identity pool or provider is disabled, deleted or misspelt: check the "
         "audience"},
        {"invalid_client", NULL, "client_id and client_secret do not fit"},
    };
    if (subtype != NULL && (strcmp(subtype, "invalid_rapt") == 0 || strcmp(subtype, "rapt_required") == 0)) {
        return "the user must sign in again: gcloud auth application-default login";
    }
    for (size_t i = 0; error != NULL && i < sizeof(hints) / sizeof(*hints); i++) {
        bool fits =
            hints[i].description == NULL || (description != NULL && strstr(description, hints[i].description));
        if (strcmp(hints[i].error, error) == 0 && fits) {
            return hints[i].hint;
        }
    }
    return NULL;
}

static enum mstr_code refusal(struct mstr_http_response *response, struct json_object *body, const char *url,
                              struct mstr_error *error)
{
    const int status = host->http_answer(response)->status;
    const char *word = json_member_text(body, "error");
    const char *description = json_member_text(body, "error_description");
    enum mstr_code code = status == 429                    ? MSTR_E_THROTTLED
                          : oauth_is_passing(status, body) ? MSTR_E_UNAVAILABLE
                          : word == NULL                   ? MSTR_E_PROTOCOL
                                                           : MSTR_E_AUTHENTICATION;
    host->error_set(error, code, "%.200s answered %d: %.100s%s%.400s", url, status,
                    word != NULL ? word : "not an OAuth error", description != NULL ? ": " : "",
                    description != NULL ? description : "");
    host->error_detail(error, MSTR_DETAIL_SERVICE_CODE, word);
    host->error_detail(error, MSTR_DETAIL_HINT, hint_of(word, json_member_text(body, "error_subtype"), description));
    clock_skew_tell(response, error);
    return code;
}

enum mstr_code oauth_read_token(const struct mstr_http_answer *answer, const char *who, struct token *token,
                                struct mstr_error *error)
{
    int64_t lifetime = LIFETIME_ASSUMED;
    struct json_object *body = NULL;
    enum mstr_code parsed = json_read(answer->body, answer->body_length, &body);
    struct token_given given = {.type = token_type(body, "token_type"), .received = answer->sent};
    given.text = json_member_octets(body, "access_token", &given.length);
    bool timed = json_member(body, "expires_in") == NULL || json_member_int64(body, "expires_in", &lifetime);
    lifetime = lifetime < 0 ? 0 : lifetime < LIFETIME_MAX ? lifetime : LIFETIME_MAX;
    given.expires = given.received + lifetime * 1000;
    enum mstr_code code = timed ? token_take(token, &given, who, error)
                                : host->error_set(error, MSTR_E_PROTOCOL,
                                                  "%.200s answered with an expires_in that is no lifetime", who);
    return json_done(body, parsed, code, error);
}

/* A token asked for. */
struct exchange {
    const struct oauth_request *request;
    struct buffer form;  /* of the present attempt */
    struct buffer basic; /* the header; empty = none */
    struct mstr_header headers[3];
    struct token *token;
};

/* A JWT that was made by a clock which is wrong. */
static bool is_of_the_clock(struct json_object *body)
{
    const char *description = json_member_text(body, "error_description");
    return description != NULL && strstr(description, "short-lived") != NULL;
}

static enum mstr_code read(void *data, struct attempt *attempt, struct mstr_http_response *response,
                           struct mstr_error *error)
{
    const struct exchange *exchange = data;
    const struct mstr_http_answer *answer = host->http_answer(response);
    if (answer->status == 200) {
        return oauth_read_token(answer, exchange->request->url, exchange->token, error);
    }
    struct json_object *body = NULL;
    enum mstr_code parsed = json_read(answer->body, answer->body_length, &body);
    attempt->again = oauth_is_passing(answer->status, body) ? AGAIN_LATER : AGAIN_BY_POLICY;
    attempt->clock = exchange->request->prove != NULL && is_of_the_clock(body);
    return json_done(body, parsed, refusal(response, body, exchange->request->url, error), error);
}

static bool basic_header(const struct oauth_request *request, struct buffer *out)
{
    struct buffer pair = BUFFER_INIT;
    buffer_printf(&pair, "%s:%s", request->client_id, request->client_secret != NULL ? request->client_secret : "");
    buffer_puts(out, "Basic ");
    base64_encode(out, buffer_text(&pair), pair.length);
    bool good = !pair.failed && !out->failed;
    buffer_release(&pair);
    return good;
}

static enum mstr_code prepare(void *data, struct attempt *attempt, struct mstr_http_request *http,
                              struct mstr_error *error)
{
    struct exchange *exchange = data;
    const struct oauth_request *request = exchange->request;
    buffer_clear(&exchange->form);
    buffer_append(&exchange->form, buffer_text(request->form), request->form->length);
    enum mstr_code code =
        request->prove != NULL ? request->prove(request->data, attempt->now, &exchange->form, error) : MSTR_OK;
    exchange->headers[0] = (struct mstr_header){"Content-Type", "application/x-www-form-urlencoded"};
    exchange->headers[1] = (struct mstr_header){"Accept", "application/json"};
    exchange->headers[2] = (struct mstr_header){"Authorization", buffer_text(&exchange->basic)};
    *http = (struct mstr_http_request){.method = "POST",
                                       .url = request->url,
                                       .headers = exchange->headers,
                                       .header_count = request->client_id != NULL ? 3 : 2,
                                       .body = buffer_text(&exchange->form),
                                       .body_length = exchange->form.length,
                                       .client_cert_file = request->cert_file,
                                       .client_key_file = request->key_file};
    return code == MSTR_OK && exchange->form.failed ? host->error_set(error, MSTR_E_MEMORY, "out of memory") : code;
}

enum mstr_code oauth_token(const struct mstr_instance *instance, const struct oauth_request *request,
                           const struct mstr_call *call, struct token *token, struct mstr_error *error)
{
    struct exchange exchange = {.request = request, .token = token};
    struct clock_skew clock = {.ahead = 0};
    struct request sending = {.traffic = &gcp_http_traffic,
                              .ca_file = gcp_http_ca_file(instance),
                              .clock = &clock,
                              .error = error,
                              .prepare = prepare,
                              .read = read,
                              .data = &exchange};
    bool ready = !request->form->failed && (request->client_id == NULL || basic_header(request, &exchange.basic));
    enum mstr_code code =
        ready ? request_send(&sending, call) : host->error_set(error, MSTR_E_MEMORY, "out of memory");
    buffer_release(&exchange.basic);
    buffer_release(&exchange.form);
    return code;
}
