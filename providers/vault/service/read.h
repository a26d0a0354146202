/*
 * Reads secrets, many at once, with all that this takes: a token, the look-up of the engine's version, once for each
 * mount, or a guess where the token may not look, and another token where one is refused.
 */
#ifndef MSTR_PROVIDERS_VAULT_SERVICE_READ_H
#define MSTR_PROVIDERS_VAULT_SERVICE_READ_H

#include "vault/config/wanted.h"
#include "vault/identity/tokens.h"
#include "vault/service/leases.h"
#include "vault/service/mounts.h"
#include "vault/service/value.h"

/* One instance of the provider. */
struct vault {
    struct vault_settings settings;
    struct vault_logins logins;
    struct vault_tokens tokens;
    struct vault_mounts mounts;
    struct vault_leases leases;
};

/* What is asked next. The version of the engine is guessed where the look-up is denied. */
enum vault_stage { VAULT_LOOK_UP, VAULT_READ, VAULT_GUESS_2, VAULT_GUESS_1 };

/* One secret wanted, and what became of it. */
struct vault_read {
    struct vault_wanted wanted;
    struct mstr_error *error; /* the caller's; is told why not */
    enum mstr_code code;
    struct vault_value value;     /* with MSTR_OK */
    char identity[IDENTITY_SIZE]; /* who read it */
    bool cautious;                /* what each read makes anew is not to be read, but spared */
    bool spared;

    /* on the way */
    struct vault_batch *batch;
    const struct request *request;
    const struct vault_read *same; /* of its batch, which reads this too; NULL = none does */
    struct vault_token *token;
    struct vault_message message;
    struct buffer what; /* it does, for messages */
    struct vault_mount mount;
    enum vault_stage stage;
    bool looks;          /* it looks up a mount for the batch */
    bool denied;         /* a guess was */
    bool unnamed;        /* a refusal did not say whether the token is to blame */
    bool corrected;      /* what was known of the mount was wrong once */
    size_t policy_mount; /* octets of the path before data/ in policies; 0 = it is none of version 2 */
    bool replaced;       /* a token was refused once: */
    char refused[IDENTITY_SIZE];
};

/* Reads those whose code is MSTR_OK; wanted and error are set. */
void vault_read_many(struct vault *vault, struct vault_read *reads, size_t count, const struct mstr_call *call);
void vault_read_release(struct vault_read *read);

#endif
