/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a reference of Vault names: MOUNT/PATH as `vault kv get` takes it, or any other path as `vault read` does,
 * with ?version= and ?namespace=. Nothing in it chooses another path than the one that is written. Pure but for
 * telling errors.
 */
#ifndef MSTR_PROVIDERS_VAULT_CONFIG_WANTED_H
#define MSTR_PROVIDERS_VAULT_CONFIG_WANTED_H

#include <mstr/provider.h>
#include <stdint.h>

/* Texts are the reference's. */
struct vault_wanted {
    const char *path;      /* decoded; no slash at its ends, no empty or dot segment, no control octet */
    const char *namespace; /* NULL = the instance's */
    int64_t version;       /* from 1 on; 0 = the current one */
};

/* What is wrong with a path, such as "has a segment . or ..", or NULL. */
const char *vault_path_fault(const char *path);
/* MSTR_E_CONFIG tells why it names nothing. */
enum mstr_code vault_wanted_read(const struct mstr_reference *reference, struct vault_wanted *wanted,
                                 struct mstr_error *error);

#endif
