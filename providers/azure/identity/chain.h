/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which identity asks for tokens: the kinds of them in their order, the first that is available decides, and is asked
 * alone from then on.
 */
#ifndef MSTR_PROVIDERS_AZURE_IDENTITY_CHAIN_H
#define MSTR_PROVIDERS_AZURE_IDENTITY_CHAIN_H

#include "azure/wire/demand.h"
#include "sdk/token.h"

#include <stdatomic.h>

/* An instance's; any number of threads may walk it. */
struct chain {
    const struct mstr_instance *instance;
    atomic_int winner; /* place of the identity that gave a token first; -1 = none has */
};

/* MSTR_E_CONFIG where the user's choice selects none. */
enum mstr_code chain_check(const struct mstr_instance *instance, struct mstr_error *error);
void chain_init(struct chain *chain, const struct mstr_instance *instance);
/* Forgets which identity gave tokens. */
void chain_reset(struct chain *chain);
/* A token for the caller to release. With a report the whole chain is walked anew, and each step told. The message of
 * a failure lists every attempt. */
enum mstr_code chain_token(struct chain *chain, const struct demand *demand, const struct mstr_call *call,
                           struct mstr_report *report, struct token *token, struct mstr_error *error);

#endif
