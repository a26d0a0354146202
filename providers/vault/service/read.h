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

/* What a reference names, where all paths are of `kv`; MSTR_E_CONFIG tells why it names nothing. */
enum mstr_code vault_read_wanted(const struct mstr_reference *reference, enum vault_kv kv,
                                 struct vault_wanted *wanted, struct mstr_error *error);
/* The same by the options, as far as they are known. */
enum mstr_code vault_check(const struct mstr_instance *instance, const struct mstr_reference *reference,
                           struct mstr_error *error);

#endif
