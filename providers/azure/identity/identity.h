/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an identity is: a function without memory of its own. Variables and files are read anew for every token, which
 * renewable_tokens then holds for as long as it is good.
 */
#ifndef MSTR_PROVIDERS_AZURE_IDENTITY_IDENTITY_H
#define MSTR_PROVIDERS_AZURE_IDENTITY_IDENTITY_H

#include "azure/wire/demand.h"
#include "base/buffer.h"
#include "sdk/token.h"

/* The turn of an identity in the chain. */
struct turn {
    struct ask ask;
    bool alone;         /* the only identity of its chain: what is missing is worth waiting for */
    bool proven;        /* it has given tokens before */
    struct buffer *who; /* is told which identity was asked for and why */
};

/* MSTR_OK with a token; MSTR_E_NOT_AVAILABLE, saying why, where there is nothing of its kind; any other failure ends
 * the chain. */
typedef enum mstr_code identity_fn(const struct turn *turn, struct token *token, struct mstr_error *error);

#endif
