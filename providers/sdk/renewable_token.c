/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens that many threads share and one renews. */
#include "sdk/renewable_token.h"

#include "sdk/host.h"

#include <stdlib.h>
#include <string.h>

struct kept_token {
    struct kept kept; /* first */
    struct token token;
};

static const struct token *token_of(const struct kept *kept)
{
    return &((const struct kept_token *)(const void *)kept)->token;
}

static void free_token(struct kept *kept)
{
    struct kept_token *own = (struct kept_token *)(void *)kept;
    token_release(&own->token);
    free(own);
}

/* The token's times, which are those of the wall clock, as they are by the monotonic one. */
static void set_times(struct kept_token *own, int64_t window)
{
    const struct token *token = &own->token;
    int64_t ahead = host->now() - host->monotonic();
    own->kept.end = own->kept.due = token->expires - ahead;
    own->kept.renew = (token->renew != 0 ? token->renew : token->expires - window) - ahead;
}

static enum mstr_code fetch(struct renewable *renewable, const struct mstr_call *call, struct kept **out,
                            struct mstr_error *error)
{
    struct renewable_token *whole = (struct renewable_token *)(void *)renewable;
    struct kept_token *own = calloc(1, sizeof(*own));
    if (own == NULL) {
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    kept_init(&own->kept, free_token);
    enum mstr_code code = whole->fetch(whole, call, &own->token, error);
    if (code != MSTR_OK) {
        kept_release(&own->kept);
        return code;
    }
    set_times(own, whole->window);
    *out = &own->kept;
    return MSTR_OK;
}

bool renewable_token_init(struct renewable_token *renewable, token_fetch_fn *fetch_token, int64_t window,
                          const struct mstr_instance *instance)
{
    static const struct renewable_kind kind = {.name = "an access token",
                                               .goes_on =
                                                   "the access token could not be renewed, the old one goes on",
                                               .fetch = fetch};
    renewable->fetch = fetch_token;
    renewable->window = window;
    return renewable_init(&renewable->renewable, &kind, instance);
}

enum mstr_code renewable_token_get(struct renewable_token *renewable, const struct mstr_call *call,
                                   struct token *token, struct mstr_error *error)
{
    struct kept *kept = NULL;
    enum mstr_code code = renewable_get(&renewable->renewable, call, &kept, error);
    if (code == MSTR_OK &&
        !token_set(token, token_of(kept)->text, strlen(token_of(kept)->text), token_of(kept)->expires)) {
        code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    kept_release(kept);
    return code;
}

void renewable_token_drop(struct renewable_token *renewable, const char *text)
{
    struct kept *kept = renewable_peek(&renewable->renewable);
    if (kept != NULL && strcmp(token_of(kept)->text, text) == 0) {
        renewable_drop(&renewable->renewable, kept);
    }
    kept_release(kept);
}
