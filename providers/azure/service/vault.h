/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a reference's vault is, and what its tokens must be good for: told by its name where that is one of Azure's
 * own, else learnt from its challenge, which is verified before anything of it is kept, and kept for that one origin.
 */
#ifndef MSTR_PROVIDERS_AZURE_SERVICE_VAULT_H
#define MSTR_PROVIDERS_AZURE_SERVICE_VAULT_H

#include "azure/config/secret_id.h"
#include "azure/wire/demand.h"

#include <pthread.h>

enum { VAULT_URL_MAX = 600, VAULT_HOST_MAX = 255 };

struct vault {
    char url[VAULT_URL_MAX + 1];   /* that requests begin with; no slash at its end */
    char host[VAULT_HOST_MAX + 1]; /* that the vault is known by, also where another endpoint is configured */
    unsigned port;
    char asked[VAULT_HOST_MAX + 1]; /* host of the URL, and its port */
    unsigned asked_port;
    bool by_endpoint; /* the URL is the configured one, which may be plain http */
};

/* What an instance has learnt of vaults; any number of threads may ask. */
struct known_vaults {
    const struct mstr_instance *instance;
    pthread_mutex_t mutex;
    struct known_vault *first; /* guarded by the mutex */
};

/* False without memory. */
bool known_vaults_init(struct known_vaults *vaults, const struct mstr_instance *instance);
void known_vaults_destroy(struct known_vaults *vaults);
/* Forgets all. */
void known_vaults_clear(struct known_vaults *vaults);

/* MSTR_E_CONFIG also where the configured endpoint is that of another vault. */
enum mstr_code vault_locate(const struct mstr_instance *instance, const struct secret_id *id, struct vault *vault,
                            struct mstr_error *error);
/* Whether an answer may call it so, HOST[:PORT]: as the reference does; or by the endpoint's host, where that begins
 * with the same vault's name. Another host tells nothing of the vault that stands behind it. */
bool vault_is_called(const struct vault *vault, const char *name);
/* What a token for it must be good for. False when only its challenge can tell; nothing may be sent to it then but a
 * request without a token. */
bool vault_demand(struct known_vaults *vaults, const struct vault *vault, struct demand *demand);
/* Takes a challenge over, once it is verified. On entry `demand` is what the refused token was good for, or blank;
 * on return what the next must be. MSTR_E_DENIED for a resource that this vault may not ask for, MSTR_E_PROTOCOL when
 * there is no challenge. */
enum mstr_code vault_learn(struct known_vaults *vaults, const struct vault *vault, const char *challenge,
                           struct demand *demand, struct mstr_error *error);

#endif
