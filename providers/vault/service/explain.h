/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a reference is served, for doctor: where Vault is, who asks, by which token, and what the mount is. The secret
 * itself is not read.
 */
#ifndef MSTR_PROVIDERS_VAULT_SERVICE_EXPLAIN_H
#define MSTR_PROVIDERS_VAULT_SERVICE_EXPLAIN_H

#include "vault/service/secret.h"

/* A plugin's `explain`, of a struct vault. */
enum mstr_code vault_explain(void *self, const struct mstr_reference *reference, struct mstr_report *report,
                             const struct mstr_call *call, struct mstr_error *error);

#endif
