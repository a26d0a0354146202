/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens. */
#include "vault/identity/token.h"

#include "base/text.h"
#include "sdk/host.h"
#include "sdk/token.h"

#include <stdlib.h>
#include <string.h>

enum { TOKEN_MOST = 8192 };

static void free_token(struct kept *kept)
{
    struct vault_token *token = (struct vault_token *)(void *)kept;
    host->secret_free(token->text);
    free(token->source);
    free(token->index);
    free(token);
}

void vault_token_release(struct vault_token *token)
{
    kept_release(token != NULL ? &token->kept : NULL);
}

static enum mstr_code take_text(struct vault_token *token, const char *text, size_t length, struct mstr_error *error)
{
    while (length > 0 && strchr(" \t\r\n", text[length - 1]) != NULL) {
        length--;
    }
    if (length == 0 || length > TOKEN_MOST || !token_fits_header(text, length)) {
        return host->error_set(error, MSTR_E_AUTHENTICATION, "%s %s", token->source,
                               length == 0
                                   ? "holds no token"
                                   : "is no token of Vault: it is too long, or has blanks, line ends or other "
                                     "characters that none has");
    }
    token->text = host->secret_alloc(length + 1);
    if (token->text == NULL) {
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    memcpy(token->text, text, length);
    return MSTR_OK;
}

enum mstr_code vault_token_new(const char *text, size_t length, const char *source, struct vault_token **out,
                               struct mstr_error *error)
{
    struct vault_token *token = calloc(1, sizeof(*token));
    *out = NULL;
    if (token == NULL || (token->source = text_copy(source)) == NULL) {
        free(token);
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    kept_init(&token->kept, free_token);
    token->born = host->monotonic();
    enum mstr_code code = text != NULL ? take_text(token, text, length, error) : MSTR_OK;
    if (code != MSTR_OK) {
        vault_token_release(token);
        return code;
    }
    *out = token;
    return MSTR_OK;
}

/* Two thirds, sooner by up to a tenth of that, so that a fleet does not ask at once. */
static int64_t until_renewal(int64_t left)
{
    uint32_t chance = 0;
    host->random(&chance, sizeof(chance));
    int64_t third = left / 3;
    return third * 2 - (int64_t)((uint64_t)(third / 5) * chance / UINT32_MAX);
}

void vault_token_set_life(struct vault_token *token, int64_t life, int64_t left)
{
    int64_t now = host->monotonic();
    token->life = life;
    if (left > 0) {
        token->expires = host->now() + left;
        token->kept.end = token->kept.due = now + left;
        token->kept.renew = now + until_renewal(left);
    }
}

enum mstr_code vault_token_take(const struct vault_answer *answer, const char *source, struct vault_token **out,
                                struct mstr_error *error)
{
    int64_t life = 0;
    int64_t uses = 0;
    bool renewable = false;
    size_t length = 0;
    const char *text = json_member_octets(answer->auth, "client_token", &length);
    const char *type = json_member_text(answer->auth, "token_type");
    *out = NULL;
    if (json_member(answer->auth, "mfa_requirement") != NULL) {
        return error_hint(error, host->error_set(error, MSTR_E_AUTHENTICATION, "%s: the login needs MFA", source),
                          "use an identity without a second factor for programs");
    }
    if (text == NULL || !token_fits_header(text, length)) {
        return host->error_set(error, MSTR_E_PROTOCOL, "%s: Vault answered without a usable client_token", source);
    }
    enum mstr_code code = vault_answer_seconds(answer->auth, "lease_duration", &life, error);
    if (code == MSTR_OK) {
        code = vault_token_new(text, length, source, out, error);
    }
    if (code == MSTR_OK) {
        json_member_bool(answer->auth, "renewable", &renewable);
        (*out)->own = true;
        (*out)->renewable = renewable;
        (*out)->batch = type != NULL && strcmp(type, "batch") == 0;
        (*out)->counted = json_member_int64(answer->auth, "num_uses", &uses) && uses > 0;
        atomic_init(&(*out)->uses, uses < INT32_MAX ? (int)uses : INT32_MAX);
        vault_token_set_life(*out, life, life);
    }
    return code;
}

void vault_token_identify(struct vault_token *token, struct json_object *auth)
{
    struct buffer policies = BUFFER_INIT;
    struct json_object *list = json_member(auth, "policies");
    const char *entity = json_member_text(auth, "entity_id");
    for (size_t i = 0; json_object_is_type(list, json_type_array) && i < json_object_array_length(list); i++) {
        const char *policy = json_text(json_object_array_get_idx(list, i));
        buffer_printf(&policies, "%s,", policy != NULL ? policy : "");
    }
    const char *const named[] = {entity, token->source, buffer_text(&policies)};
    if (text_empty(entity) || policies.failed) {
        identity_digest(token->text, token->identity);
    } else {
        identity_digest_of(named, sizeof(named) / sizeof(*named), token->identity);
    }
    buffer_release(&policies);
}
