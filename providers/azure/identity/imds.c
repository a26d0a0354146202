/* The instance metadata service. */
#include "azure/identity/imds.h"

#include "azure/config/setting.h"
#include "azure/wire/token_answer.h"
#include "base/json.h"
#include "sdk/file.h"
#include "sdk/host.h"
#include "sdk/retry.h"

#include <string.h>

#define TOKEN_PATH "/metadata/identity/oauth2/token"

enum { HASTY_TIMEOUT = 1000, PATIENT_TIMEOUT = 10000, CONNECT_TIMEOUT = 2000 }; /* ms */

/* What Azure writes into the firmware tables of its machines, containers on them included. */
static const char azure_asset_tag[] = "7783-7084-3265-9085-8269-3286-77";
const char *imds_asset_tag_file = "/sys/class/dmi/id/chassis_asset_tag";

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

/* One question to the service. */
struct question {
    const struct turn *turn;
    const struct managed_id *id;
    struct buffer base; /* where the service is */
    struct buffer url;
    bool sure; /* that there is one: what is out of order is waited for */
};

static bool always(void)
{
    return true;
}

static bool is_azure_machine(void)
{
    struct buffer tag = BUFFER_INIT;
    bool azure = file_read(imds_asset_tag_file, imds_asset_tag_file, 0, &tag, NULL) == MSTR_OK &&
                 strncmp(buffer_text(&tag), azure_asset_tag, strlen(azure_asset_tag)) == 0;
    buffer_release(&tag);
    return azure;
}

/* Elsewhere a machine must not wait long for a service that it does not have. Nothing of that is remembered: one that
 * was slow may be quick the next time. */
static enum mstr_code begin(struct question *question, const struct managed_host *managed, struct mstr_error *error)
{
    struct buffer endpoint = BUFFER_INIT;
    const char *named = setting_variable("AZURE_POD_IDENTITY_AUTHORITY_HOST");
    const char *base = named != NULL ? named : "http://169.254.169.254";
    size_t length = strlen(base);
    question->sure = question->turn->alone || question->turn->proven || (named == NULL && is_azure_machine());
    buffer_append(&question->base, base, length - (base[length - 1] == '/'));
    buffer_printf(&endpoint, "%s" TOKEN_PATH, buffer_text(&question->base));
    enum mstr_code code = endpoint.failed ? host->error_set(error, MSTR_E_MEMORY, "out of memory")
                                          : managed_url(&question->turn->ask, managed, question->id,
                                                        buffer_text(&endpoint), &question->url, error);
    buffer_release(&endpoint);
    return code;
}

static enum mstr_code absent(const struct question *question, const char *why, struct mstr_error *error)
{
    host->error_set(error, MSTR_E_NOT_AVAILABLE, "%s: %s", buffer_text(&question->base), why);
    return MSTR_E_NOT_AVAILABLE;
}

static enum mstr_code foreign(const struct question *question, struct mstr_error *error)
{
    return absent(question, "what answers there is no metadata service of Azure", error);
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
static bool is_foreign(const struct question *question, const struct mstr_http_answer *answer, const char *word)
{
    bool gateway = answer->status == 502 || answer->status == 504;
    bool passing = patience_for(answer->status) != NULL && (answer->status != 404 || question->sure);
    if (answer->status == 403 && strstr(answer->body, "unreachable") != NULL) {
        return true;
    }
    return word == NULL && (!passing || (gateway && !question->sure));
}

static enum mstr_code refused(const struct question *question, struct mstr_http_response *response,
                              struct outcome *outcome, struct mstr_error *error)
{
    const struct mstr_http_answer *answer = host->http_answer(response);
    struct json_object *body = json_parse(answer->body, answer->body_length);
    bool other = is_foreign(question, answer, json_member_text(body, "error"));
    json_release(body);
    if (other) {
        return foreign(question, error);
    }
    /* A machine without an identity leaves the turn to others; one that lacks the identity asked for does not. */
    bool without = answer->status == 400 && question->id->naming == BY_NOTHING;
    *outcome = (struct outcome){patience_for(answer->status), retry_asked(response)};
    enum mstr_code class = without                  ? MSTR_E_NOT_AVAILABLE
                           : outcome->again != NULL ? MSTR_E_UNAVAILABLE
                                                    : MSTR_E_AUTHENTICATION;
    return managed_refusal(answer, &imds_host, question->id, class, error);
}

/* No answer at all. */
static enum mstr_code unanswered(const struct question *question, enum mstr_code code, struct outcome *outcome,
                                 struct mstr_error *error)
{
    bool own_limits = code == MSTR_E_CANCELLED || code == MSTR_E_MEMORY || code == MSTR_E_CONFIG ||
                      host->remaining(question->turn->ask.call) == 0;
    bool again = (code == MSTR_E_TIMEOUT && (question->turn->alone || question->turn->proven)) ||
                 (code == MSTR_E_NETWORK && question->turn->proven);
    if (own_limits || again) {
        outcome->again = again && !own_limits ? &usual : NULL;
        return code;
    }
    absent(question, "the metadata service does not answer", error);
    host->error_detail(error, MSTR_DETAIL_HINT,
                       "this machine is not on Azure, or a firewall stands between; where the service is only slow, "
                       "set imds_timeout, or credential = ManagedIdentityCredential");
    return MSTR_E_NOT_AVAILABLE;
}

static enum mstr_code read_token(const struct question *question, const struct mstr_http_answer *answer,
                                 struct token *token, struct mstr_error *error)
{
    struct json_object *body = json_parse(answer->body, answer->body_length);
    enum mstr_code code = body == NULL ? foreign(question, error)
                                       : token_answer_read(body, answer->received, imds_host.name, token, error);
    json_release(body);
    return code;
}

static enum mstr_code attempt(const struct question *question, struct token *token, struct outcome *outcome,
                              struct mstr_error *error)
{
    struct mstr_http_response *response = NULL;
    int64_t timeout = question->sure ? PATIENT_TIMEOUT
                                     : setting_duration(question->turn->ask.instance, "imds_timeout", HASTY_TIMEOUT);
    const struct mstr_http_request request = {.method = "GET",
                                              .url = buffer_text(&question->url),
                                              .headers = &metadata,
                                              .header_count = 1,
                                              .connect_timeout = question->sure ? CONNECT_TIMEOUT : timeout,
                                              .timeout = timeout};
    enum mstr_code code = managed_send(&question->turn->ask, request, &response, error);
    *outcome = (struct outcome){NULL, RETRY_NOT_ASKED};
    if (code != MSTR_OK) {
        code = unanswered(question, code, outcome, error);
    } else if (host->http_answer(response)->status != 200) {
        code = refused(question, response, outcome, error);
    } else {
        code = read_token(question, host->http_answer(response), token, error);
    }
    host->http_free(response);
    return code;
}

static enum mstr_code repeat(const struct question *question, struct token *token, struct mstr_error *error)
{
    for (int attempts = 1;; attempts++) {
        struct outcome outcome;
        enum mstr_code code = attempt(question, token, &outcome, error);
        if (outcome.again == NULL || !retry_wait(outcome.again, attempts, outcome.asked, question->turn->ask.call)) {
            return code;
        }
    }
}

static enum mstr_code ask_imds(const struct turn *turn, const struct managed_host *managed,
                               const struct managed_id *id, struct token *token, struct mstr_error *error)
{
    struct question question = {.turn = turn, .id = id, .base = BUFFER_INIT, .url = BUFFER_INIT};
    enum mstr_code code = begin(&question, managed, error);
    if (code == MSTR_OK) {
        code = repeat(&question, token, error);
    }
    buffer_release(&question.base);
    buffer_release(&question.url);
    return code;
}

const struct managed_host imds_host = {.name = "the instance metadata service",
                                       .api_version = "2018-02-01",
                                       .parameters = {NULL, "client_id", "object_id", "msi_res_id"},
                                       .is_here = always,
                                       .ask = ask_imds};
