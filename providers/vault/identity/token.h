/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A token of Vault: what an identity yields. In secret memory, shared by counting; nothing changes once others see it
 * but the counts.
 */
#ifndef MSTR_PROVIDERS_VAULT_IDENTITY_TOKEN_H
#define MSTR_PROVIDERS_VAULT_IDENTITY_TOKEN_H

#include "base/buffer.h"
#include "sdk/identity_digest.h"
#include "sdk/renewable.h"
#include "vault/wire/answer.h"

struct vault_token {
    struct kept kept; /* first */
    char *text;       /* NULL = requests go without one, as to an agent that has its own */
    char *source;     /* where it comes from, for messages */
    bool own;         /* a login of ours made it */
    bool renewable;
    bool batch;                   /* of the kind that nobody can revoke */
    int64_t born;                 /* monotonic ms */
    int64_t life;                 /* ms for which it was given at first; 0 = not known */
    int64_t expires;              /* ms since 1970; 0 = never, or not known */
    bool counted;                 /* the server takes it for a number of uses alone: */
    atomic_int uses;              /* those that are left */
    atomic_bool leased;           /* what it read lives no longer than it does */
    char identity[IDENTITY_SIZE]; /* whom it stands for; "" = this process, whose requests go without one */
    char *index;                  /* X-Vault-Index of its login; NULL = none */
};

/* Takes a copy of the text without white space at its ends; NULL makes one for requests without a token.
 * MSTR_E_AUTHENTICATION for what no server can have given. */
enum mstr_code vault_token_new(const char *text, size_t length, const char *source, struct vault_token **out,
                               struct mstr_error *error);
/* The last owner wipes; NULL is accepted. */
void vault_token_release(struct vault_token *token);
/* The token of an answer's auth: of a login or of a renewal. */
enum mstr_code vault_token_take(const struct vault_answer *answer, const char *source, struct vault_token **out,
                                struct mstr_error *error);
/* Sets whom it stands for: the entity of an answer's auth, by the method of its login and with its policies, so that
 * the next login is the same one; without one, as with NULL, nobody else than this token. */
void vault_token_identify(struct vault_token *token, struct json_object *auth);
/* How long it holds from now on, ms, for one that was given for `life` at first: sets its times, so that it is
 * renewed at two thirds. 0 = it has no end. */
void vault_token_set_life(struct vault_token *token, int64_t life, int64_t left);

#endif
