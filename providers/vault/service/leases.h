/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leases that end with the instance, where the user says so: those of a token that is not ours, since one of ours
 * takes its leases with it. Any number of threads.
 */
#ifndef MSTR_PROVIDERS_VAULT_SERVICE_LEASES_H
#define MSTR_PROVIDERS_VAULT_SERVICE_LEASES_H

#include "vault/identity/tokens.h"

struct vault_leases {
    pthread_mutex_t mutex;
    struct noted_lease *newest; /* behind it */
};

/* False without resources. */
bool vault_leases_init(struct vault_leases *leases);
void vault_leases_destroy(struct vault_leases *leases);
/* `expires` is when it ends by itself, ms since 1970, or 0; `namespace` may be NULL. */
void vault_leases_note(struct vault_leases *leases, const char *namespace, const char *id, int64_t expires);
/* Ends all that were noted and have not ended, by the instance's token; failures are logged. */
void vault_leases_revoke(struct vault_leases *leases, struct vault_tokens *tokens, const struct mstr_call *call);

#endif
