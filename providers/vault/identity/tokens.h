/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The token of an instance, which many threads share: found once, renewed by one caller in time where a login made
 * it, replaced where it is refused, and given back in the end.
 */
#ifndef MSTR_PROVIDERS_VAULT_IDENTITY_TOKENS_H
#define MSTR_PROVIDERS_VAULT_IDENTITY_TOKENS_H

#include "vault/identity/login.h"

struct vault_tokens {
    struct renewable renewable; /* first */
    const struct vault_settings *settings;
    struct vault_logins *logins;
};

/* All is borrowed to the end. False without resources. */
bool vault_tokens_init(struct vault_tokens *tokens, const struct vault_settings *settings,
                       struct vault_logins *logins);
void vault_tokens_destroy(struct vault_tokens *tokens);
/* A token for one request, for the caller to release: one that is good for a number of uses has one less. */
enum mstr_code vault_tokens_get(struct vault_tokens *tokens, const struct mstr_call *call, struct vault_token **out,
                                struct mstr_error *error);
/* Looks for one whatever there is, telling each step; none of its uses is counted. Then it goes to
 * vault_tokens_found(). */
enum mstr_code vault_tokens_explain(struct vault_tokens *tokens, struct mstr_report *report,
                                    const struct mstr_call *call, struct vault_token **out, struct mstr_error *error);
/* Keeps that one where there is none, since a proof that is good once gives no other; gives it back otherwise.
 * Released it is still by the caller. */
void vault_tokens_found(struct vault_tokens *tokens, struct vault_token *token, const struct mstr_call *call);
/* After a refusal, in which Vault `named` the token or did not: whether it was let go, so that another one may be
 * had. One that was just made is not to blame for what its policies do not allow. One that may be good still, but
 * lack a policy that its role was given since, is given back, lest such tokens pile up. */
bool vault_tokens_replace(struct vault_tokens *tokens, const struct vault_token *refused, bool named,
                          const struct mstr_call *call);
/* Lets go of whatever there is, so that it is looked for anew. */
void vault_tokens_forget(struct vault_tokens *tokens);
/* Gives the token back that a login of ours made; what it read must not end with it, unless the instance says so. */
void vault_tokens_revoke(struct vault_tokens *tokens, const struct mstr_call *call);

#endif
