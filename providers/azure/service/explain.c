/* SPDX-License-Identifier: Apache-2.0 */
/* How a reference is served. */
#include "azure/service/explain.h"

#include "azure/config/authority.h"
#include "azure/service/service_error.h"
#include "azure/wire/send.h"
#include "base/json.h"
#include "base/timestamp.h"
#include "sdk/host.h"
#include "sdk/jwt.h"

#include <string.h>

/* One explanation under way. */
struct story {
    struct azure *azure;
    struct mstr_report *report;
    const struct mstr_call *call;
    struct fetch fetch; /* for its URL and vault; never sent with a token */
};

static void tell_authority(const struct story *story, struct mstr_error *error)
{
    struct authority authority;
    int64_t start = host->monotonic();
    enum mstr_code code = authority_find(story->azure->instance, &authority, error);
    if (code == MSTR_OK) {
        host->report_step(story->report, MSTR_STEP_INFO, "authority", authority.url, NULL, 0);
    } else {
        report_done(story->report, "authority", code, NULL, error, start);
    }
}

static enum mstr_code read_challenge(struct story *story, struct mstr_http_response *response, struct demand *demand,
                                     struct mstr_error *error)
{
    struct fetch *fetch = &story->fetch;
    if (host->http_answer(response)->status != 401) {
        return service_error_read(response, fetch->vault.url, error);
    }
    return vault_learn(&story->azure->vaults, &fetch->vault, host->http_header(response, "WWW-Authenticate"), demand,
                       error);
}

/* A request without a token shows whether the vault can be reached, and what tokens it wants. */
static enum mstr_code knock(struct story *story, struct demand *demand, struct mstr_error *error)
{
    const struct fetch *fetch = &story->fetch;
    struct buffer detail = BUFFER_INIT;
    struct traffic once = send_traffic; /* whoever examines wants to know soon */
    const struct mstr_http_request get = {.method = "GET",
                                          .url = buffer_text(&fetch->url),
                                          .flags = fetch->vault.by_endpoint ? MSTR_HTTP_ALLOW_PLAIN : 0};
    struct request request = {.traffic = &once,
                              .ca_file = send_ca_file(story->azure->instance),
                              .error = error,
                              .fixed = &get,
                              .keeps_answer = true};
    int64_t start = host->monotonic();
    bool evident = vault_demand(&story->azure->vaults, &fetch->vault, demand);
    once.retry.attempts = 1;
    enum mstr_code code = request_send(&request, story->call);
    if (code == MSTR_OK) {
        code = read_challenge(story, request.answer, demand, error);
    }
    if (code == MSTR_OK) {
        buffer_printf(&detail, "%s answers; it takes tokens for %s%s%s", fetch->vault.url, demand->resource,
                      demand->tenant[0] != '\0' ? " of tenant " : "", demand->tenant);
        host->report_step(story->report, MSTR_STEP_INFO, "vault", buffer_text(&detail), NULL,
                          host->monotonic() - start);
    } else {
        report_done(story->report, "vault", code, NULL, error, start);
    }
    host->http_free(request.answer);
    buffer_release(&detail);
    return evident && code != MSTR_E_DENIED ? MSTR_OK : code; /* the chain is worth a look all the same */
}

static void put_claim(struct json_object *claims, const char *name, const char *label, struct buffer *out)
{
    const char *value = json_member_text(claims, name);
    if (value != NULL) {
        buffer_printf(out, "%s%s %.200s", out->length > 0 ? ", " : "", label, value);
    }
}

/* What the token says of itself: nothing, where it is opaque. */
static enum mstr_code tell_token(const struct story *story, const struct token *token, struct mstr_error *error)
{
    char until[21];
    struct buffer detail = BUFFER_INIT;
    struct json_object *claims = NULL;
    enum mstr_code parsed = jwt_claims(token->text, &claims);
    put_claim(claims, "aud", "audience", &detail);
    put_claim(claims, "tid", "tenant", &detail);
    put_claim(claims, "appid", "application", &detail);
    put_claim(claims, "azp", "application", &detail);
    put_claim(claims, "oid", "object", &detail);
    put_claim(claims, "xms_mirid", "resource", &detail);
    timestamp_format_rfc3339(token->expires, until);
    buffer_printf(&detail, "%suntil %s", detail.length > 0 ? ", " : "", until);
    bool told = !detail.failed && parsed == MSTR_OK;
    if (told) {
        host->report_step(story->report, MSTR_STEP_INFO, "token", buffer_text(&detail), NULL, 0);
    }
    buffer_release(&detail);
    return json_done(claims, told ? MSTR_OK : MSTR_E_MEMORY, MSTR_OK, error);
}

enum mstr_code explain_reference(void *self, const struct mstr_reference *reference, struct mstr_report *report,
                                 const struct mstr_call *call, struct mstr_error *error)
{
    struct azure *azure = self;
    struct story story = {.azure = azure, .report = report, .call = call};
    const struct batch alone = {.self = azure, .call = call};
    struct demand demand;
    struct token token = {.text = NULL};
    story.fetch.item = (struct batch_item){.batch = &alone, .reference = reference, .error = error};
    enum mstr_code code = key_vault_read(&story.fetch.item);
    if (code == MSTR_OK) {
        tell_authority(&story, error);
        code = knock(&story, &demand, error);
    }
    if (code == MSTR_OK) {
        code = chain_token(&azure->tokens.chain, &demand, call, report, &token, error);
    }
    if (code == MSTR_OK) {
        code = tell_token(&story, &token, error);
    }
    token_release(&token);
    key_vault_release(&story.fetch.item);
    return code;
}
