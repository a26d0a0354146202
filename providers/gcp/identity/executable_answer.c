/* SPDX-License-Identifier: Apache-2.0 */
/* What the programs of executable-sourced credentials print. */
#include "gcp/identity/executable_answer.h"

#include "base/json.h"
#include "base/text.h"
#include "sdk/host.h"
#include "sdk/printed.h"

#include <string.h>

/* Where a token of a type stands in the answer. */
static const struct {
    const char *type;
    const char *member;
} types[] = {
    {"urn:ietf:params:oauth:token-type:jwt", "id_token"},
    {"urn:ietf:params:oauth:token-type:id_token", "id_token"},
    {"urn:ietf:params:oauth:token-type:saml2", "saml_response"},
};

static enum mstr_code refused(struct json_object *answer, struct mstr_error *error)
{
    const char *code = json_member_text(answer, "code");
    const char *message = json_member_text(answer, "message");
    struct buffer quoted_code = BUFFER_INIT;
    struct buffer quoted = BUFFER_INIT;
    printed_quote(code != NULL ? code : "no code", &quoted_code);
    printed_quote(message != NULL ? message : "no message", &quoted);
    host->error_set(error, MSTR_E_AUTHENTICATION, "the executable gave no token: %.64s: %.300s",
                    buffer_text(&quoted_code), buffer_text(&quoted));
    buffer_release(&quoted_code);
    buffer_release(&quoted);
    return MSTR_E_AUTHENTICATION;
}

static enum mstr_code read_token(struct json_object *answer, struct buffer *token, struct mstr_error *error)
{
    int64_t version = 0;
    int64_t expires = 0;
    bool success = false;
    const char *type = json_member_text(answer, "token_type");
    const char *text = NULL;
    if (!json_member_int64(answer, "version", &version) || !json_member_bool(answer, "success", &success)) {
        return host->error_set(error, MSTR_E_PROTOCOL, "the executable printed no JSON with version and success");
    }
    if (version != 1) {
        return host->error_set(error, MSTR_E_PROTOCOL, "the executable answers in version %lld, but 1 is known",
                               (long long)version);
    }
    if (!success) {
        return refused(answer, error);
    }
    if (json_member_int64(answer, "expiration_time", &expires) && expires < host->now() / 1000) {
        return host->error_set(error, MSTR_E_AUTHENTICATION, "the executable gave a token that has expired");
    }
    for (size_t i = 0; type != NULL && i < sizeof(types) / sizeof(*types); i++) {
        text = strcmp(types[i].type, type) == 0 ? json_member_text(answer, types[i].member) : text;
    }
    if (text_empty(text)) {
        return host->error_set(error, MSTR_E_PROTOCOL, "the executable gave no token of a known token_type");
    }
    return buffer_puts(token, text) ? MSTR_OK : host->error_set(error, MSTR_E_MEMORY, "out of memory");
}

enum mstr_code executable_answer_read(const char *text, size_t length, struct buffer *token, struct mstr_error *error)
{
    struct json_object *answer = NULL;
    enum mstr_code parsed = printed_json(text, length, &answer);
    enum mstr_code code = read_token(answer, token, error);
    return json_done(answer, parsed, code, error);
}

bool executable_answer_holds(const char *text, size_t length)
{
    int64_t expires = 0;
    bool success = true;
    struct json_object *answer = NULL;
    printed_json(text, length, &answer);
    json_member_bool(answer, "success", &success);
    bool holds = success && json_member_int64(answer, "expiration_time", &expires) && expires > host->now() / 1000;
    json_release(answer);
    return holds;
}
