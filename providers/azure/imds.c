/* The instance metadata service of virtual machines, scale sets and container groups. */
#include "azure/managed.h"

#include "azure/token_answer.h"
#include "util/text.h"

#include <string.h>

#define TOKEN_PATH "/metadata/identity/oauth2/token"

enum { PROBE_TIMEOUT = 1000, CONNECT_TIMEOUT = 2000 }; /* ms */

/* The service allows 20 requests a second, and asks for patience where it is overrun or starts up. */
static const struct retry_policy usual = {.attempts = 6,
                                          .first_pause = 1000,
                                          .longest_pause = 25000,
                                          .longest_asked = 60000,
                                          .jitter_low = 80,
                                          .jitter_high = 130};
/* 410: it is being updated, and back within 70 seconds. */
static const struct retry_policy updating = {.attempts = 8,
                                             .first_pause = 10000,
                                             .longest_pause = 10000,
                                             .longest_asked = 60000,
                                             .jitter_low = 95,
                                             .jitter_high = 105};

static const struct mstr_header metadata = {"Metadata", "true"};

static bool always(void)
{
    return true;
}

static bool find_url(struct buffer *url)
{
    const char *base = managed_variable("AZURE_POD_IDENTITY_AUTHORITY_HOST");
    base = base != NULL ? base : "http://169.254.169.254";
    size_t length = strlen(base);
    return buffer_append(url, base, length - (base[length - 1] == '/')) && buffer_puts(url, TOKEN_PATH);
}

static enum mstr_code absent(const char *url, const char *why, struct mstr_error *error)
{
    host->error_set(error, MSTR_E_NOT_AVAILABLE, "%.*s: %s", (int)(strlen(url) - strlen(TOKEN_PATH)), url, why);
    return MSTR_E_NOT_AVAILABLE;
}

static int64_t probe_timeout(const struct ask *ask)
{
    int64_t timeout = PROBE_TIMEOUT;
    const char *text = host->option(ask->instance, "imds_timeout");
    return text != NULL && text_to_int64(text, &timeout) && timeout > 0 ? timeout : PROBE_TIMEOUT;
}

/* Whether anything is there at all, so that other machines need not wait. The service refuses this request at once,
 * since it lacks the header. Nothing of it is remembered: a machine that was slow may be quick the next time. */
static enum mstr_code probe(const struct ask *ask, const char *url, struct mstr_error *error)
{
    struct mstr_http_response *response = NULL;
    const struct mstr_http_request request = {.method = "GET",
                                              .url = url,
                                              .flags = MSTR_HTTP_SINGLE_SHOT,
                                              .connect_timeout = probe_timeout(ask),
                                              .timeout = probe_timeout(ask)};
    enum mstr_code code = managed_send(ask, request, &response, error);
    host->http_free(response);
    if (code == MSTR_OK || code == MSTR_E_CANCELLED || code == MSTR_E_MEMORY || code == MSTR_E_CONFIG ||
        host->remaining(ask->call) == 0) {
        return code;
    }
    absent(url, "the metadata service does not answer", error);
    host->error_detail(error, MSTR_DETAIL_HINT,
                       "this machine is not on Azure, or a firewall stands between; where the service is only slow, "
                       "set imds_timeout, or credential = ManagedIdentityCredential");
    return MSTR_E_NOT_AVAILABLE;
}

/* What became of one attempt. */
struct outcome {
    const struct retry_policy *again; /* NULL = final */
    int64_t asked;
};

/* How an answer that time may mend is waited for; NULL = it is final. */
static const struct retry_policy *patience_for(int status)
{
    bool passing = status == 404 || status == 408 || status == 429 || status >= 500;
    return status == 410 ? &updating : passing ? &usual : NULL;
}

/* Answers that a metadata service of Azure does not give: another cloud's, or a proxy's that took the request. */
static bool is_foreign(const struct ask *ask, const struct mstr_http_answer *answer, const char *word)
{
    bool sure = ask->alone || ask->proven; /* that there is one, which may be out of order */
    bool gateway = answer->status == 502 || answer->status == 504;
    bool passing = patience_for(answer->status) != NULL && (answer->status != 404 || sure);
    if (answer->status == 403 && strstr(answer->body, "unreachable") != NULL) {
        return true;
    }
    return word == NULL && (!passing || (gateway && !sure));
}

static enum mstr_code refused(const struct ask *ask, struct mstr_http_response *response, const char *url,
                              const struct managed_id *id, struct outcome *outcome, struct mstr_error *error)
{
    const struct mstr_http_answer *answer = host->http_answer(response);
    struct json_object *body = json_parse(answer->body, answer->body_length);
    bool foreign = is_foreign(ask, answer, json_member_text(body, "error"));
    json_release(body);
    if (foreign) {
        return absent(url, "what answers there is no metadata service of Azure", error);
    }
    /* A machine without an identity leaves the turn to others; one that lacks the identity asked for does not. */
    bool without = answer->status == 400 && id->naming == BY_NOTHING;
    *outcome = (struct outcome){patience_for(answer->status), retry_asked(response)};
    enum mstr_code class = without                  ? MSTR_E_NOT_AVAILABLE
                           : outcome->again != NULL ? MSTR_E_UNAVAILABLE
                                                    : MSTR_E_AUTHENTICATION;
    return managed_refusal(answer, &managed_imds, id, class, error);
}

static enum mstr_code attempt(const struct ask *ask, const char *url, const struct buffer *full,
                              const struct managed_id *id, struct token *token, struct outcome *outcome,
                              struct mstr_error *error)
{
    struct mstr_http_response *response = NULL;
    const struct mstr_http_request request = {.method = "GET",
                                              .url = buffer_text(full),
                                              .headers = &metadata,
                                              .header_count = 1,
                                              .connect_timeout = CONNECT_TIMEOUT};
    enum mstr_code code = managed_send(ask, request, &response, error);
    *outcome = (struct outcome){NULL, RETRY_NOT_ASKED};
    if (code == MSTR_E_TIMEOUT || (code == MSTR_E_NETWORK && ask->proven)) {
        outcome->again = &usual;
    } else if (code == MSTR_E_NETWORK) {
        code = absent(url, "the metadata service cannot be reached", error);
    } else if (code == MSTR_OK && host->http_answer(response)->status != 200) {
        code = refused(ask, response, url, id, outcome, error);
    } else if (code == MSTR_OK) {
        const struct mstr_http_answer *answer = host->http_answer(response);
        struct json_object *body = json_parse(answer->body, answer->body_length);
        code = body == NULL ? absent(url, "what answers there is no metadata service of Azure", error)
                            : token_answer_read(body, answer->received, managed_imds.name, token, error);
        json_release(body);
    }
    host->http_free(response);
    return code;
}

static enum mstr_code repeat(const struct ask *ask, const char *url, const struct buffer *full,
                             const struct managed_id *id, struct token *token, struct mstr_error *error)
{
    for (int attempts = 1;; attempts++) {
        struct outcome outcome;
        enum mstr_code code = attempt(ask, url, full, id, token, &outcome, error);
        if (outcome.again == NULL || !retry_wait(outcome.again, attempts, outcome.asked, ask->call)) {
            return code;
        }
    }
}

static enum mstr_code ask_imds(const struct ask *ask, const struct managed_host *managed, const struct managed_id *id,
                               struct token *token, struct mstr_error *error)
{
    struct buffer url = BUFFER_INIT;
    struct buffer full = BUFFER_INIT;
    enum mstr_code code = find_url(&url) ? managed_url(ask, managed, id, buffer_text(&url), &full, error)
                                         : host->error_set(error, MSTR_E_MEMORY, "out of memory");
    if (code == MSTR_OK && !ask->alone && !ask->proven) {
        code = probe(ask, buffer_text(&url), error);
    }
    if (code == MSTR_OK) {
        code = repeat(ask, buffer_text(&url), &full, id, token, error);
    }
    buffer_release(&full);
    buffer_release(&url);
    return code;
}

const struct managed_host managed_imds = {.name = "the instance metadata service",
                                          .api_version = "2018-02-01",
                                          .parameters = {NULL, "client_id", "object_id", "msi_res_id"},
                                          .is_here = always,
                                          .ask = ask_imds};
