/* SPDX-License-Identifier: Apache-2.0 */
/* Access tokens. */
#include "sdk/token.h"

#include "base/text.h"
#include "sdk/host.h"

#include <string.h>

enum { LONGEST_TOKEN = 256 * 1024 };
static const int64_t longest_life = INT64_C(7) * 24 * 3600 * 1000; /* ms */

bool token_fits_header(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] <= ' ' || text[i] > '~') {
            return false;
        }
    }
    return length > 0;
}

const char *token_type(struct json_object *body, const char *member)
{
    const char *text = json_member_text(body, member);
    return text == NULL && json_member(body, member) != NULL ? "(no text)" : text;
}

enum mstr_code token_take(struct token *token, const struct token_given *given, const char *who,
                          struct mstr_error *error)
{
    int64_t latest = given->received + longest_life;
    if (given->text == NULL) {
        return host->error_set(error, MSTR_E_PROTOCOL, "%.200s answered without an access token", who);
    }
    if (given->type != NULL && !text_equal_nocase(given->type, "Bearer")) {
        return host->error_set(error, MSTR_E_PROTOCOL, "%.200s gave a token of type %.40s, which is not Bearer", who,
                               given->type);
    }
    if (given->length > LONGEST_TOKEN || !token_fits_header(given->text, given->length)) {
        return host->error_set(error, MSTR_E_PROTOCOL, "%.200s answered without a usable access token", who);
    }
    if (given->expires <= given->received) {
        return host->error_set(error, MSTR_E_PROTOCOL, "%.200s gave a token that has expired already", who);
    }
    return token_set(token, given->text, given->length, given->expires < latest ? given->expires : latest)
               ? MSTR_OK
               : host->error_set(error, MSTR_E_MEMORY, "out of memory");
}

bool token_set(struct token *token, const char *text, size_t length, int64_t expires)
{
    token->text = host->secret_alloc(length + 1);
    token->expires = expires;
    token->renew = 0;
    if (token->text != NULL) {
        memcpy(token->text, text, length);
    }
    return token->text != NULL;
}

void token_release(struct token *token)
{
    host->secret_free(token->text);
    token->text = NULL;
}
