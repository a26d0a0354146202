/* OAuth token endpoints. */
#include "gcp/wire/oauth.h"

#include "base/base64.h"
#include "base/json.h"
#include "gcp/wire/http.h"
#include "sdk/clock_skew.h"
#include "sdk/host.h"

#include <string.h>

enum { LIFETIME_MAX = 7 * 24 * 3600, LIFETIME_ASSUMED = 600 }; /* s */

/* As often as Google's libraries ask. */
const struct retry_policy oauth_retry_policy = {.attempts = 3,
                                                .first_pause = 500,
                                                .longest_pause = 4000,
                                                .longest_asked = 20000,
                                                .jitter_low = 90,
                                                .jitter_high = 110};

bool oauth_is_passing(const struct mstr_http_answer *answer)
{
    static const char *const words[] = {"internal_failure", "server_error", "temporarily_unavailable"};
    if (answer->status == 408 || answer->status == 429 || answer->status >= 500) {
        return true;
    }
    struct json_object *body = json_parse(answer->body, answer->body_length);
    const char *error = json_member_text(body, "error");
    const char *description = json_member_text(body, "error_description");
    bool passing = false;
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        passing = passing || (error != NULL && strcmp(error, words[i]) == 0) ||
                  (description != NULL && strcmp(description, words[i]) == 0);
    }
    json_release(body);
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

static enum mstr_code refusal(struct mstr_http_response *response, const char *url, struct mstr_error *error)
{
    const struct mstr_http_answer *answer = host->http_answer(response);
    struct json_object *body = json_parse(answer->body, answer->body_length);
    const char *word = json_member_text(body, "error");
    const char *description = json_member_text(body, "error_description");
    enum mstr_code code = answer->status == 429      ? MSTR_E_THROTTLED
                          : oauth_is_passing(answer) ? MSTR_E_UNAVAILABLE
                          : word == NULL             ? MSTR_E_PROTOCOL
                                                     : MSTR_E_AUTHENTICATION;
    host->error_set(error, code, "%.200s answered %d: %.100s%s%.400s", url, (int)answer->status,
                    word != NULL ? word : "not an OAuth error", description != NULL ? ": " : "",
                    description != NULL ? description : "");
    host->error_detail(error, MSTR_DETAIL_SERVICE_CODE, word);
    host->error_detail(error, MSTR_DETAIL_HINT, hint_of(word, json_member_text(body, "error_subtype"), description));
    clock_skew_tell(response, error);
    json_release(body);
    return code;
}

enum mstr_code oauth_read_token(const struct mstr_http_answer *answer, const char *who, struct token *token,
                                struct mstr_error *error)
{
    size_t length = 0;
    int64_t lifetime = LIFETIME_ASSUMED;
    enum mstr_code code = MSTR_OK;
    struct json_object *body = json_parse(answer->body, answer->body_length);
    const char *text = json_member_octets(body, "access_token", &length);
    bool timed = json_member(body, "expires_in") == NULL || json_member_int64(body, "expires_in", &lifetime);
    if (text == NULL || length == 0 || strpbrk(text, "\r\n") != NULL || strlen(text) != length) {
        code = host->error_set(error, MSTR_E_PROTOCOL, "%.200s answered without an access_token", who);
    } else if (!timed || lifetime <= 0) {
        code = host->error_set(error, MSTR_E_PROTOCOL, "%.200s answered with an expires_in that is no lifetime", who);
    } else {
        lifetime = lifetime < LIFETIME_MAX ? lifetime : LIFETIME_MAX;
        if (!token_set(token, text, length, answer->sent + lifetime * 1000)) {
            code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
        }
    }
    json_release(body);
    return code;
}

/* `asked` gets the ms that the endpoint wants to be left alone. */
static enum mstr_code attempt(const struct mstr_instance *instance, const struct mstr_http_request *request,
                              const struct mstr_call *call, struct token *token, bool *passing, int64_t *asked,
                              struct mstr_error *error)
{
    struct mstr_http_response *response = NULL;
    enum mstr_code code = gcp_http(instance, call, *request, &response, error);
    *passing = gcp_http_is_passing(code);
    *asked = RETRY_NOT_ASKED;
    if (code == MSTR_OK) {
        const struct mstr_http_answer *answer = host->http_answer(response);
        if (answer->status == 200) {
            code = oauth_read_token(answer, request->url, token, error);
        } else {
            *passing = oauth_is_passing(answer);
            *asked = retry_asked(response);
            code = refusal(response, request->url, error);
        }
    }
    host->http_free(response);
    return code;
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

enum mstr_code oauth_token(const struct mstr_instance *instance, const struct oauth_request *request,
                           const struct mstr_call *call, struct token *token, struct mstr_error *error)
{
    struct buffer basic = BUFFER_INIT;
    bool passing = false;
    int64_t asked = RETRY_NOT_ASKED;
    enum mstr_code code = MSTR_OK;
    if (request->form->failed || (request->client_id != NULL && !basic_header(request, &basic))) {
        buffer_release(&basic);
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    const struct mstr_header headers[] = {{"Content-Type", "application/x-www-form-urlencoded"},
                                          {"Accept", "application/json"},
                                          {"Authorization", buffer_text(&basic)}};
    const struct mstr_http_request post = {.method = "POST",
                                           .url = request->url,
                                           .headers = headers,
                                           .header_count = request->client_id != NULL ? 3 : 2,
                                           .body = buffer_text(request->form),
                                           .body_length = request->form->length,
                                           .client_cert_file = request->cert_file,
                                           .client_key_file = request->key_file};
    int attempts = 0;
    do {
        code = attempt(instance, &post, call, token, &passing, &asked, error);
        attempts++;
    } while (code != MSTR_OK && passing && retry_wait(&oauth_retry_policy, attempts, asked, call));
    buffer_release(&basic);
    return code;
}
