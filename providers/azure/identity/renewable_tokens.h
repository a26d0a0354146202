/*
 * The tokens of an instance: one for each demand, renewed in time, fetched once for all who wait for it.
 */
#ifndef MSTR_PROVIDERS_AZURE_IDENTITY_RENEWABLE_TOKENS_H
#define MSTR_PROVIDERS_AZURE_IDENTITY_RENEWABLE_TOKENS_H

#include "azure/azure.h"
#include "sdk/renewable.h"

/* A copy for the caller to release. */
enum mstr_code keeper_token(struct azure *azure, const struct demand *demand, const struct mstr_call *call,
                            struct token *token, struct mstr_error *error);
/* Forgets the demand's token if it still is this one, which a vault refused. */
void keeper_drop(struct azure *azure, const struct demand *demand, const char *text);
/* Forgets all. */
void keeper_clear(struct azure *azure);

#endif
