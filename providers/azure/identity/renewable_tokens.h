/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tokens of an instance: one for each demand, renewed in time, fetched from the chain once for all who wait for
 * it.
 */
#ifndef MSTR_PROVIDERS_AZURE_IDENTITY_RENEWABLE_TOKENS_H
#define MSTR_PROVIDERS_AZURE_IDENTITY_RENEWABLE_TOKENS_H

#include "azure/identity/chain.h"

#include <pthread.h>

struct renewable_tokens {
    struct chain chain;
    pthread_mutex_t mutex;
    struct demanded_token *newest; /* guarded by the mutex */
};

/* False without memory. */
bool renewable_tokens_init(struct renewable_tokens *tokens, const struct mstr_instance *instance);
void renewable_tokens_destroy(struct renewable_tokens *tokens);
/* A copy for the caller to release. */
enum mstr_code renewable_tokens_get(struct renewable_tokens *tokens, const struct demand *demand,
                                    const struct mstr_call *call, struct token *token, struct mstr_error *error);
/* Forgets the demand's token if it still is this one, which a vault refused. */
void renewable_tokens_drop(struct renewable_tokens *tokens, const struct demand *demand, const char *text);
/* Forgets all, and which identity gave them. */
void renewable_tokens_clear(struct renewable_tokens *tokens);

#endif
