/*
 * Which identity asks for tokens: the kinds of credential in their order, the first that is available decides, and is
 * asked alone from then on.
 */
#ifndef MSTR_PROVIDERS_AZURE_IDENTITY_CHAIN_H
#define MSTR_PROVIDERS_AZURE_IDENTITY_CHAIN_H

#include "azure/azure.h"
#include "sdk/renewable.h"

/* A token for the caller to release. With a report the whole chain is walked anew, and each step told. The message of
 * a failure lists every attempt. */
enum mstr_code chain_token(struct azure *azure, const struct demand *demand, const struct mstr_call *call,
                           struct mstr_report *report, struct token *token, struct mstr_error *error);

#endif
