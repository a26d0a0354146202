/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads secrets, many at once, with all that this takes: a token, the look-up of the engine's version, once for each
 * mount, or a guess where the token may not look, and another token where one is refused.
 */
#ifndef MSTR_PROVIDERS_VAULT_SERVICE_READ_H
#define MSTR_PROVIDERS_VAULT_SERVICE_READ_H

#include "vault/service/secret.h"

/* How an instance, a struct vault, goes about a batch. */
extern const struct batch_kind vault_reads;

#endif
