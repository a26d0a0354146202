/*
 * An access token, and the cache that keeps one for many threads: fresh ones are handed out, stale ones are renewed
 * by one caller while the others go on with them, and when there is none all callers share one request.
 */
#ifndef MSTR_PROVIDERS_SDK_RENEWABLE_H
#define MSTR_PROVIDERS_SDK_RENEWABLE_H

#include <mstr/provider.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct token {
    char *text;      /* in secret memory */
    int64_t expires; /* ms since 1970 */
    int64_t renew;   /* ms since 1970 from which on a new one should be asked for; 0 = the cache's window tells */
};

/* Copies the text; false without memory. */
bool token_set(struct token *token, const char *text, size_t length, int64_t expires);
/* Wipes; a zeroed token is accepted. */
void token_release(struct token *token);

typedef enum mstr_code (*token_fetch_fn)(void *data, const struct mstr_call *call, struct token *token,
                                         struct mstr_error *error);

struct token_cache {
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

bool token_cache_init(struct token_cache *cache, int64_t window);
void token_cache_destroy(struct token_cache *cache);
/* A copy of the token, to be released by the caller. A failed fetch is told to all who waited for it, except that a
 * caller's own deadline or cancellation is its own affair. */
enum mstr_code token_cache_get(struct token_cache *cache, token_fetch_fn fetch, void *data,
                               const struct mstr_call *call, struct token *token, struct mstr_error *error);
/* Drops the token if it still is this one, which the service refused; NULL drops any. */
void token_cache_drop(struct token_cache *cache, const char *text);

#endif
