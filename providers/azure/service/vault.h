/*
 * Where a reference's vault is, and what its tokens must be good for: told by its name where that is one of Azure's
 * own, else learnt from its challenge, which is verified before anything of it is kept, and kept for that one origin.
 */
#ifndef MSTR_PROVIDERS_AZURE_SERVICE_VAULT_H
#define MSTR_PROVIDERS_AZURE_SERVICE_VAULT_H

#include "azure/azure.h"
#include "azure/config/secret_id.h"

enum { VAULT_URL_MAX = 600, VAULT_HOST_MAX = 255 };

struct vault {
    char url[VAULT_URL_MAX + 1];   /* that requests begin with; no slash at its end */
    char host[VAULT_HOST_MAX + 1]; /* that the vault is known by, also where another endpoint is configured */
    unsigned port;
    bool by_endpoint; /* the URL is the configured one, which may be plain http */
};

enum mstr_code vault_locate(const struct mstr_instance *instance, const struct secret_id *id, struct vault *vault,
                            struct mstr_error *error);
/* What a token for it must be good for. False when only its challenge can tell; nothing may be sent to it then but a
 * request without a token. */
bool vault_demand(struct azure *azure, const struct vault *vault, struct demand *demand);
/* Takes a challenge over, once it is verified. On entry `demand` is what the refused token was good for, or blank;
 * on return what the next must be. MSTR_E_DENIED for a resource that this vault may not ask for, MSTR_E_PROTOCOL when
 * there is no challenge. */
enum mstr_code vault_learn(struct azure *azure, const struct vault *vault, const char *challenge,
                           struct demand *demand, struct mstr_error *error);
/* Forgets all vaults. */
void vault_clear(struct azure *azure);

#endif
