/*
 * A token that many threads share and one renews: a fresh one is handed out, a stale one is renewed by one caller
 * while the others go on with it, and when there is none all callers share one request.
 */
#ifndef MSTR_PROVIDERS_SDK_RENEWABLE_H
#define MSTR_PROVIDERS_SDK_RENEWABLE_H

#include "sdk/token.h"

#include <mstr/provider.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum mstr_code (*renewable_fetch_fn)(void *data, const struct mstr_call *call, struct token *token,
                                             struct mstr_error *error);

struct renewable {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int64_t window; /* ms before a token's end in which it is renewed */
    struct token token;
    bool busy;              /* a caller fetches */
    uint64_t round;         /* grows with every fetch that ended */
    enum mstr_code code;    /* of the last one */
    struct mstr_error *why; /* it failed */
    int64_t quiet_until;    /* after a failed renewal of a token that still holds, no other before */
};

bool renewable_init(struct renewable *renewable, int64_t window);
void renewable_destroy(struct renewable *renewable);
/* A copy of the token, to be released by the caller. A failed fetch is told to all who waited for it, except that a
 * caller's own deadline or cancellation is its own affair. */
enum mstr_code renewable_get(struct renewable *renewable, renewable_fetch_fn fetch, void *data,
                             const struct mstr_call *call, struct token *token, struct mstr_error *error);
/* Drops the token if it still is this one, which the service refused; NULL drops any. */
void renewable_drop(struct renewable *renewable, const char *text);

#endif
