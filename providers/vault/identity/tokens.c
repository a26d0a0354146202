/* SPDX-License-Identifier: Apache-2.0 */
/* The token of an instance. */
#include "vault/identity/tokens.h"

#include "base/text.h"
#include "sdk/host.h"
#include "vault/identity/chain.h"

#include <string.h>

/* ms for which a token that was just made is not suspected; also the least time between logins for a refusal's
 * sake. */
enum { TRUSTED = 60000 };

static struct vault_token *token_of(struct kept *kept)
{
    return (struct vault_token *)(void *)kept;
}

static enum mstr_code post(const struct vault_settings *settings, const struct vault_token *token, const char *path,
                           const struct vault_asked *asked, const struct mstr_call *call, struct vault_answer *answer,
                           struct mstr_error *error)
{
    struct vault_message message = {.settings = settings,
                                    .method = "POST",
                                    .namespace = settings->login_namespace,
                                    .token = token->text,
                                    .index = token->index,
                                    .body = "{}",
                                    .asked = *asked};
    vault_message_add(&message, path);
    enum mstr_code code = vault_message_send(&message, call, answer, NULL, error);
    vault_message_release(&message);
    return code;
}

/* Without an increment: a smaller one than what is left would shorten it. */
static enum mstr_code renew(const struct vault_tokens *tokens, const struct vault_token *old,
                            const struct mstr_call *call, struct vault_token **out, struct mstr_error *error)
{
    static const struct vault_asked asked = {"renewing the token", true};
    struct vault_answer answer = {.tree = NULL};
    enum mstr_code code = post(tokens->settings, old, "auth/token/renew-self", &asked, call, &answer, error);
    if (code == MSTR_OK) {
        code = vault_token_take(&answer, old->source, out, error);
    }
    if (code == MSTR_OK) {
        vault_token_set_life(*out, old->life, (*out)->life);
        (*out)->index = text_copy(old->index);
        memcpy((*out)->identity, old->identity, sizeof(old->identity));
        atomic_store(&(*out)->leased, atomic_load(&old->leased));
    }
    vault_answer_release(&answer);
    return code;
}

/* Whether it is worth asking: no request is spent on the sake of a token that is good for a number of them. */
static bool can_renew(const struct vault_token *token)
{
    return token != NULL && token->own && token->renewable && !token->counted && host->monotonic() < token->kept.end;
}

/* A token near the end that it can have at most is as good as ended; one that is refused, too. Other failures
 * pass. */
static bool is_exhausted(const struct vault_token *fresh, enum mstr_code code)
{
    return code == MSTR_OK ? fresh->expires != 0 && fresh->expires - host->now() < fresh->life / 3
                           : code == MSTR_E_AUTHENTICATION || code == MSTR_E_PROTOCOL;
}

enum mstr_code vault_tokens_explain(struct vault_tokens *tokens, struct mstr_report *report,
                                    const struct mstr_call *call, struct vault_token **out, struct mstr_error *error)
{
    enum mstr_code code = vault_chain(tokens->settings, tokens->logins, call, report, out, error);
    if (code == MSTR_OK && (*out)->text != NULL && (*out)->identity[0] == '\0') {
        vault_token_identify(*out, NULL);
    }
    return code;
}

static enum mstr_code fetch(struct renewable *renewable, const struct mstr_call *call, struct kept **out,
                            struct mstr_error *error)
{
    struct vault_tokens *tokens = (struct vault_tokens *)(void *)renewable;
    struct vault_token *old = token_of(renewable_peek(renewable));
    struct vault_token *fresh = NULL;
    bool done = false;
    enum mstr_code code = MSTR_OK;
    if (can_renew(old)) {
        code = renew(tokens, old, call, &fresh, error);
        done = !is_exhausted(fresh, code);
    }
    if (!done) {
        vault_token_release(fresh);
        code = vault_tokens_explain(tokens, NULL, call, &fresh, error);
    }
    vault_token_release(old);
    *out = code == MSTR_OK ? &fresh->kept : NULL;
    return code;
}

bool vault_tokens_init(struct vault_tokens *tokens, const struct vault_settings *settings,
                       struct vault_logins *logins)
{
    static const struct renewable_kind kind = {.name = "a token of Vault",
                                               .goes_on = "Vault's token could not be renewed, the old one goes on",
                                               .fetch = fetch};
    tokens->settings = settings;
    tokens->logins = logins;
    return renewable_init(&tokens->renewable, &kind, settings->instance);
}

void vault_tokens_destroy(struct vault_tokens *tokens)
{
    renewable_destroy(&tokens->renewable);
}

enum mstr_code vault_tokens_get(struct vault_tokens *tokens, const struct mstr_call *call, struct vault_token **out,
                                struct mstr_error *error)
{
    struct kept *kept = NULL;
    enum mstr_code code = MSTR_OK;
    *out = NULL;
    while (code == MSTR_OK && *out == NULL) {
        code = renewable_get(&tokens->renewable, call, &kept, error);
        if (code == MSTR_OK && (!token_of(kept)->counted || atomic_fetch_sub(&token_of(kept)->uses, 1) > 0)) {
            *out = token_of(kept);
        } else if (code == MSTR_OK) {
            renewable_drop(&tokens->renewable, kept); /* used up */
            kept_release(kept);
        }
    }
    return code;
}

void vault_tokens_forget(struct vault_tokens *tokens)
{
    renewable_drop(&tokens->renewable, NULL);
    vault_logins_forget(tokens->logins);
}

/* Vault revokes no batch token: it ends by itself. */
static void give_back(const struct vault_settings *settings, const struct vault_token *token,
                      const struct mstr_call *call)
{
    static const struct vault_asked asked = {"giving the token back", true};
    struct vault_answer answer = {.tree = NULL};
    struct mstr_error *why = host->error_new();
    bool holds = token->own && !token->counted && !token->batch && host->monotonic() < token->kept.end;
    if (holds && (settings->revoke || !atomic_load(&token->leased)) &&
        post(settings, token, "auth/token/revoke-self", &asked, call, &answer, why) != MSTR_OK) {
        host->log(settings->instance, MSTR_LEVEL_INFO, "%s", host->error_message(why));
    }
    vault_answer_release(&answer);
    host->error_free(why);
}

bool vault_tokens_replace(struct vault_tokens *tokens, const struct vault_token *refused, bool named,
                          const struct mstr_call *call)
{
    bool stale = host->monotonic() - refused->born >= TRUSTED;
    if (refused->own && !named && !stale) {
        return false;
    }
    if (renewable_drop(&tokens->renewable, &refused->kept) && !named && !atomic_load(&refused->leased)) {
        give_back(tokens->settings, refused, call);
    }
    return true;
}

void vault_tokens_found(struct vault_tokens *tokens, struct vault_token *token, const struct mstr_call *call)
{
    if (!renewable_offer(&tokens->renewable, &token->kept)) {
        give_back(tokens->settings, token, call);
    }
}

void vault_tokens_revoke(struct vault_tokens *tokens, const struct mstr_call *call)
{
    struct vault_token *token = token_of(renewable_peek(&tokens->renewable));
    if (token != NULL) {
        give_back(tokens->settings, token, call);
        vault_token_release(token);
    }
}
