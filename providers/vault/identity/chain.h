/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which identity gives the token: all in their order, and the first that is configured decides; or the one that the
 * option auth names.
 */
#ifndef MSTR_PROVIDERS_VAULT_IDENTITY_CHAIN_H
#define MSTR_PROVIDERS_VAULT_IDENTITY_CHAIN_H

#include "vault/identity/identity.h"

/* MSTR_E_CONFIG where the option auth names none. */
enum mstr_code vault_chain_check(const struct mstr_instance *instance, struct mstr_error *error);
/* A token for the caller to release. Each step goes to `report`, which may be NULL. MSTR_E_NOT_AVAILABLE lists what
 * was looked for. */
enum mstr_code vault_chain(const struct vault_settings *settings, struct vault_logins *logins,
                           const struct mstr_call *call, struct mstr_report *report, struct vault_token **out,
                           struct mstr_error *error);

#endif
