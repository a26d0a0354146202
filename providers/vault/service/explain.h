/*
 * How a reference is served, for doctor: where Vault is, who asks, by which token, what the mount is, and whether the
 * secret can be read. What each read would make anew is not read.
 */
#ifndef MSTR_PROVIDERS_VAULT_SERVICE_EXPLAIN_H
#define MSTR_PROVIDERS_VAULT_SERVICE_EXPLAIN_H

#include "vault/service/read.h"

enum mstr_code vault_explain(struct vault *vault, const struct mstr_reference *reference, struct mstr_report *report,
                             const struct mstr_call *call, struct mstr_error *error);

#endif
