/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a 403 means: the token may not read this, or it is none. Newer servers name the token; of others, which say
 * the same of both, it is asked for.
 */
#ifndef MSTR_PROVIDERS_VAULT_SERVICE_DENIAL_H
#define MSTR_PROVIDERS_VAULT_SERVICE_DENIAL_H

#include "vault/service/secret.h"

/* Tells it for one read; `named` = it is the token's fault. MSTR_E_DENIED, MSTR_E_AUTHENTICATION, or MSTR_E_NOT_FOUND
 * where only the guess after another, that found nothing, is denied. */
enum mstr_code vault_denial_tell(struct vault_read *read, bool named, struct mstr_error *error);
/* Once all are done, tells the two apart for those that were denied, and what a policy must allow. */
void vault_denial_judge(const struct batch *batch);

#endif
