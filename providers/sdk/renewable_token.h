/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A token that many threads share and one renews. Each caller gets a copy.
 */
#ifndef MSTR_PROVIDERS_SDK_RENEWABLE_TOKEN_H
#define MSTR_PROVIDERS_SDK_RENEWABLE_TOKEN_H

#include "sdk/renewable.h"
#include "sdk/token.h"

struct renewable_token;

typedef enum mstr_code token_fetch_fn(struct renewable_token *renewable, const struct mstr_call *call,
                                      struct token *token, struct mstr_error *error);

struct renewable_token {
    struct renewable renewable; /* first */
    token_fetch_fn *fetch;
    int64_t window; /* ms before a token's end in which it is renewed, where it does not tell when itself */
};

/* The instance is borrowed to the end. False without resources. To be destroyed with renewable_destroy(). */
bool renewable_token_init(struct renewable_token *renewable, token_fetch_fn *fetch, int64_t window,
                          const struct mstr_instance *instance);
/* A copy for the caller to release. */
enum mstr_code renewable_token_get(struct renewable_token *renewable, const struct mstr_call *call,
                                   struct token *token, struct mstr_error *error);
/* Drops the token if it still is this one, which a service refused. */
void renewable_token_drop(struct renewable_token *renewable, const char *text);

#endif
