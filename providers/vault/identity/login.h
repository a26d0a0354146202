/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logins: who we are is posted to an auth method, which gives a token. A login that was refused is not repeated with
 * the same proof for some minutes, since after five of them Vault locks the account out.
 */
#ifndef MSTR_PROVIDERS_VAULT_IDENTITY_LOGIN_H
#define MSTR_PROVIDERS_VAULT_IDENTITY_LOGIN_H

#include "sdk/identity_digest.h"
#include "vault/identity/identity.h"
#include "vault/wire/message.h"

#include <pthread.h>

/* What an instance keeps from one login to the next; behind its mutex. */
struct vault_logins {
    pthread_mutex_t mutex;
    char refused[IDENTITY_SIZE]; /* the proof that was, by its digest; "" = none */
    int64_t until;               /* it is not tried again, monotonic ms */
    struct mstr_error *why;
    char unwrapped[IDENTITY_SIZE]; /* the wrapping token that was, by its digest; "" = none */
    char *secret_id;               /* what was in it, in secret memory */
};

/* False without resources. */
bool vault_logins_init(struct vault_logins *logins);
void vault_logins_destroy(struct vault_logins *logins);
/* What was refused may be tried again. A secret id that was unwrapped stays: it cannot be had again. */
void vault_logins_forget(struct vault_logins *logins);

/* MSTR_E_AUTHENTICATION, with the story of then, where this proof was refused a while ago. */
enum mstr_code vault_logins_check(struct vault_logins *logins, const char *proof, struct mstr_error *error);
/* Notes that it was refused now. */
void vault_logins_note(struct vault_logins *logins, const char *proof, const struct mstr_error *why);

struct vault_login {
    const char *method; /* and mount, unless the option auth_mount names another */
    const char *body;   /* JSON */
    const char *proof;  /* what tells one login from another; NULL = the body */
};

enum mstr_code vault_login(const struct vault_turn *turn, const struct vault_login *login, struct vault_token **out,
                           struct mstr_error *error);

#endif
