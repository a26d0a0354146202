/* SPDX-License-Identifier: Apache-2.0 */
/* The instance metadata service. */
#include "azure/identity/imds.h"

#include "azure/config/setting.h"
#include "azure/wire/token_answer.h"
#include "base/json.h"
#include "sdk/file.h"
#include "sdk/host.h"
#include "sdk/request.h"

#include <string.h>

#define TOKEN_PATH "/metadata/identity/oauth2/token"

/* ms. Where nothing says that there is such a service, it is not waited for long. */
enum { HASTY_TIMEOUT = 1000, HASTY_PAUSE = 100, PATIENT_TIMEOUT = 10000, CONNECT_TIMEOUT = 2000 };

/* What Azure writes into the firmware tables of its machines, containers on them included. */
static const char azure_asset_tag[] = "7783-7084-3265-9085-8269-3286-77";
const char *imds_asset_tag_file = "/sys/class/dmi/id/chassis_asset_tag";

/* The service allows 20 requests a second, and asks for patience where it is overrun or starts up. */
static const struct retry_policy usual = {.attempts = 6,
                                          .first_pause = 1000,
                                          .longest_pause = 25000,
                                          .jitter_low = 80,
                                          .jitter_high = 130,
                                          .unanswered = PASSING_BREAK | PASSING_TIMEOUT,
                                          .longest_asked = 60000};
/* 410: it is being updated, and back within 70 seconds. */
static const struct retry_policy updating = {.attempts = 8,
                                             .first_pause = 10000,
                                             .longest_pause = 10000,
                                             .jitter_low = 95,
                                             .jitter_high = 105,
                                             .longest_asked = 60000};
/* One answer that is slow or breaks off does not mean that there is none. */
static const struct retry_policy hasty = {.attempts = 2,
                                          .first_pause = HASTY_PAUSE,
                                          .longest_pause = HASTY_PAUSE,
                                          .jitter_low = 100,
                                          .jitter_high = 100,
                                          .unanswered = PASSING_BREAK | PASSING_TIMEOUT};

static const struct mstr_header metadata = {"Metadata", "true"};

/* One question to the service. */
struct question {
    const struct turn *turn;
    const struct managed_id *id;
    struct buffer base; /* where the service is */
    struct buffer url;
    bool sure; /* that there is one: what is out of order is waited for */
    struct token *token;
};

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

static enum mstr_code refused(const struct question *question, struct attempt *attempt,
                              const struct mstr_http_answer *answer, struct mstr_error *error)
{
    struct json_object *body = NULL;
    enum mstr_code parsed = json_read(answer->body, answer->body_length, &body);
    if (is_foreign(question, answer, json_member_text(body, "error"))) {
        return json_done(body, parsed, foreign(question, error), error);
    }
    json_release(body);
    /* A machine without an identity leaves the turn to others; one that lacks the identity asked for does not. */
    bool without = answer->status == 400 && question->id->naming == BY_NOTHING;
    const struct retry_policy *patience = patience_for(answer->status);
    enum mstr_code class = without            ? MSTR_E_NOT_AVAILABLE
                           : patience != NULL ? MSTR_E_UNAVAILABLE
                                              : MSTR_E_AUTHENTICATION;
    if (patience != NULL) {
        attempt->policy = patience;
        attempt->again = AGAIN_LATER;
    }
    return managed_refusal(answer, &imds_host, question->id, class, error);
}

static enum mstr_code read(void *data, struct attempt *attempt, struct mstr_http_response *response,
                           struct mstr_error *error)
{
    const struct question *question = data;
    const struct mstr_http_answer *answer = host->http_answer(response);
    if (answer->status != 200) {
        return refused(question, attempt, answer, error);
    }
    struct json_object *body = NULL;
    enum mstr_code parsed = json_read(answer->body, answer->body_length, &body);
    enum mstr_code code = body == NULL
                              ? foreign(question, error)
                              : token_answer_read(body, answer->received, imds_host.name, question->token, error);
    return json_done(body, parsed, code, error);
}

/* No answer at all, after all attempts. */
static enum mstr_code unanswered(const struct question *question, enum mstr_code code, struct mstr_error *error)
{
    const struct turn *turn = question->turn;
    bool there = turn->proven || (code == MSTR_E_TIMEOUT && turn->alone);
    bool silent = code == MSTR_E_NETWORK || code == MSTR_E_TIMEOUT || code == MSTR_E_TLS || code == MSTR_E_PROTOCOL;
    if (!silent || there || host->remaining(turn->ask.call) == 0) {
        return code;
    }
    if (code == MSTR_E_PROTOCOL) {
        return foreign(question, error);
    }
    absent(question, "the metadata service does not answer", error);
    host->error_detail(error, MSTR_DETAIL_HINT,
                       "this machine is not on Azure, or a firewall stands between; where the service is only slow, "
                       "set imds_timeout, or credential = ManagedIdentityCredential");
    return MSTR_E_NOT_AVAILABLE;
}

static struct traffic find_traffic(const struct question *question)
{
    const struct turn *turn = question->turn;
    int64_t timeout =
        question->sure ? PATIENT_TIMEOUT : setting_duration(turn->ask.instance, "imds_timeout", HASTY_TIMEOUT);
    struct traffic traffic = {.retry = question->sure ? usual : hasty,
                              .flags = MANAGED_FLAGS,
                              .connect_timeout = question->sure ? CONNECT_TIMEOUT : timeout,
                              .timeout = timeout};
    traffic.retry.unanswered |= turn->proven ? PASSING_CONNECT : 0;
    return traffic;
}

static enum mstr_code ask_imds(const struct turn *turn, const struct managed_host *managed,
                               const struct managed_id *id, struct token *token, struct mstr_error *error)
{
    struct question question = {.turn = turn, .id = id, .token = token};
    enum mstr_code code = begin(&question, managed, error);
    const struct traffic traffic = find_traffic(&question);
    const struct mstr_http_request get = {
        .method = "GET", .url = buffer_text(&question.url), .headers = &metadata, .header_count = 1};
    struct request request = {.traffic = &traffic, .error = error, .fixed = &get, .read = read, .data = &question};
    if (code == MSTR_OK) {
        code = request_send(&request, turn->ask.call);
        code = request.attempt.status == 0 ? unanswered(&question, code, error) : code;
    }
    buffer_release(&question.base);
    buffer_release(&question.url);
    return code;
}

const struct managed_host imds_host = {.name = "the instance metadata service",
                                       .api_version = "2018-02-01",
                                       .parameters = {NULL, "client_id", "object_id", "msi_res_id"},
                                       .ask = ask_imds};
