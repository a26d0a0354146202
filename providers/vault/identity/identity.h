/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ways to prove to Vault who we are, one file each, and what they may look at. Each yields a token.
 */
#ifndef MSTR_PROVIDERS_VAULT_IDENTITY_IDENTITY_H
#define MSTR_PROVIDERS_VAULT_IDENTITY_IDENTITY_H

#include "vault/config/settings.h"
#include "vault/identity/token.h"

struct vault_logins;

/* The turn of an identity in the chain. */
struct vault_turn {
    const struct vault_settings *settings;
    const struct mstr_call *call;
    struct vault_logins *logins; /* what is kept from one login to the next */
    bool explains;               /* doctor asks: nothing is used up */
    bool chosen;                 /* auth names it: what is missing is missed */
    struct buffer *who;          /* is told which identity was asked for */
};

/* MSTR_OK with a token; MSTR_E_NOT_AVAILABLE, saying why, when it is not configured here; any other failure ends the
 * chain. */
typedef enum mstr_code vault_identity_fn(const struct vault_turn *turn, struct vault_token **out,
                                         struct mstr_error *error);

vault_identity_fn vault_given_token; /* the option, or the variable */
vault_identity_fn vault_token_file;  /* that an agent writes, or an operator */
vault_identity_fn vault_home_token;  /* as `vault login` leaves it */
vault_identity_fn vault_no_token;    /* an agent or proxy has its own */
vault_identity_fn vault_approle;
vault_identity_fn vault_kubernetes; /* the pod's service account */
vault_identity_fn vault_jwt;        /* a token of another authority, in a file */
vault_identity_fn vault_aws;        /* whoever the AWS plugin would sign as */
vault_identity_fn vault_cert;       /* the client certificate of TLS */

#endif
