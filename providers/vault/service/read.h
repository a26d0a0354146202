/*
 * Reads secrets, many at once, with all that this takes: a token, the look-up of the engine's version, once for each
 * mount, or a guess where the token may not look, and another token where one is refused.
 */
#ifndef MSTR_PROVIDERS_VAULT_SERVICE_READ_H
#define MSTR_PROVIDERS_VAULT_SERVICE_READ_H

#include "vault/service/secret.h"

/* Reads those whose code is MSTR_OK; wanted and error are set. */
void vault_read_many(struct vault *vault, struct vault_read *reads, size_t count, const struct mstr_call *call);
void vault_read_release(struct vault_read *read);

#endif
