/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What those share who read secrets: the instance, and one secret that is being read.
 */
#ifndef MSTR_PROVIDERS_VAULT_SERVICE_SECRET_H
#define MSTR_PROVIDERS_VAULT_SERVICE_SECRET_H

#include "sdk/batch.h"
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

/* One secret wanted, on its way. */
struct vault_read {
    struct batch_item item; /* first; its batch is of a struct vault */
    struct vault_wanted wanted;
    struct vault_value value;
    const char *namespace; /* NULL = none */
    struct vault_token *token;
    struct vault_message message;
    struct buffer what; /* it does, for messages */
    struct vault_mount mount;
    enum vault_stage stage;
    bool looks;                  /* it looks up a mount for the batch */
    bool denied;                 /* a guess was */
    bool unnamed;                /* a refusal did not say whether the token is to blame */
    bool corrected;              /* what was known of the mount was wrong once */
    size_t policy_mount;         /* octets of the path before data/ in policies; 0 = it is none of version 2 */
    struct vault_token *refused; /* once, so that another was looked for; NULL = none was */
};

#endif
