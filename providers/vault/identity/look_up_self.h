/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Vault knows of a token: whether it is one, and what it may do. Asked where a refusal does not tell, and by
 * doctor.
 */
#ifndef MSTR_PROVIDERS_VAULT_IDENTITY_LOOK_UP_SELF_H
#define MSTR_PROVIDERS_VAULT_IDENTITY_LOOK_UP_SELF_H

#include "vault/identity/identity.h"

/* Appends "policies default, app; ends in 3600 s". MSTR_E_DENIED where Vault does not know the token, or the token
 * may not ask. */
enum mstr_code vault_look_up_self(const struct vault_settings *settings, const struct vault_token *token,
                                  const struct mstr_call *call, struct buffer *facts, struct mstr_error *error);

#endif
