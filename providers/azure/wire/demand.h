/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a token must be good for, and who asks for it.
 */
#ifndef MSTR_PROVIDERS_AZURE_WIRE_DEMAND_H
#define MSTR_PROVIDERS_AZURE_WIRE_DEMAND_H

#include "azure/config/authority.h"

enum { RESOURCE_MAX = 255, CLAIMS_MAX = 4095, HASH_LENGTH = 64 };

/* "" stands for none. */
struct demand {
    char resource[RESOURCE_MAX + 1]; /* such as https://vault.azure.net, never with a slash at its end */
    char tenant[TENANT_MAX + 1];     /* that a vault asked for; else the identity's own */
    char claims[CLAIMS_MAX + 1];     /* JSON of a claims challenge */
    char refused[HASH_LENGTH + 1];   /* SHA-256 of the token which that challenge refused */
};

/* A token for one is good for the other. The refused token is how a token is asked for, not what it is good for. */
bool demand_equals(const struct demand *a, const struct demand *b);

/* One who asks for such a token. */
struct ask {
    const struct mstr_instance *instance;
    const struct mstr_call *call;
    const struct demand *demand;
};

#endif
