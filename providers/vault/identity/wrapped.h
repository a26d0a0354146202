/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A secret id that comes wrapped: a token that is good once, for whoever is first. What was in it is kept, so that a
 * program can log in again; that somebody else was first is told as what it may be.
 */
#ifndef MSTR_PROVIDERS_VAULT_IDENTITY_WRAPPED_H
#define MSTR_PROVIDERS_VAULT_IDENTITY_WRAPPED_H

#include "vault/identity/identity.h"

/* Appends the secret id that this wrapping token holds. */
enum mstr_code vault_unwrap(const struct vault_turn *turn, const char *wrapping, struct buffer *secret_id,
                            struct mstr_error *error);

#endif
