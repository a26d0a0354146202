/*
 * One instance of the Azure provider, and what its files share: the tokens and the vaults it has come to know. The
 * plugin's entry point is in plugin.c.
 */
#ifndef MSTR_PROVIDERS_AZURE_AZURE_H
#define MSTR_PROVIDERS_AZURE_AZURE_H

#include "sdk/host.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

enum { RESOURCE_MAX = 255, TENANT_MAX = 127, CLAIMS_MAX = 4095, HASH_LENGTH = 64 };

/* What a token must be good for. "" stands for none. */
struct demand {
    char resource[RESOURCE_MAX + 1]; /* such as https://vault.azure.net, never with a slash at its end */
    char tenant[TENANT_MAX + 1];     /* that a vault asked for; else the credential's own */
    char claims[CLAIMS_MAX + 1];     /* JSON of a claims challenge */
    char refused[HASH_LENGTH + 1];   /* SHA-256 of the token which that challenge refused */
};

struct azure {
    const struct mstr_instance *instance;
    pthread_mutex_t mutex;
    struct kept_token *tokens;  /* guarded by the mutex */
    struct known_vault *vaults; /* guarded by the mutex */
    atomic_int winner;          /* place in the chain of the credential that gave a token first; -1 = none has */
};

/* False without memory, or when the text is too long for it. */
bool azure_set(char *field, size_t size, const char *text, size_t length);

#endif
