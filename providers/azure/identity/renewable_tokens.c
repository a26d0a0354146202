/* SPDX-License-Identifier: Apache-2.0 */
/* The tokens of an instance. */
#include "azure/identity/renewable_tokens.h"

#include "sdk/host.h"
#include "sdk/renewable_token.h"

#include <stdlib.h>
#include <string.h>

/* ms before a token's end from which on it is renewed; all of Azure's clients take five minutes. */
enum { WINDOW = 300000 };
/* Tokens kept at once: vaults choose tenants and claims, so that there must be an end. */
enum { TOKENS_MOST = 32 };

struct demanded_token {
    struct renewable_token renewable; /* first */
    struct demanded_token *next;
    struct chain *chain;
    struct demand demand;
    atomic_uint owners; /* the list, and callers */
};

bool renewable_tokens_init(struct renewable_tokens *tokens, const struct mstr_instance *instance)
{
    chain_init(&tokens->chain, instance);
    tokens->newest = NULL;
    return pthread_mutex_init(&tokens->mutex, NULL) == 0;
}

void renewable_tokens_destroy(struct renewable_tokens *tokens)
{
    renewable_tokens_clear(tokens);
    pthread_mutex_destroy(&tokens->mutex);
}

static void release(struct demanded_token *demanded)
{
    if (demanded != NULL && atomic_fetch_sub(&demanded->owners, 1) == 1) {
        renewable_destroy(&demanded->renewable.renewable);
        free(demanded);
    }
}

static struct demanded_token *find(struct renewable_tokens *tokens, const struct demand *demand)
{
    struct demanded_token *demanded = tokens->newest;
    while (demanded != NULL && !demand_equals(&demanded->demand, demand)) {
        demanded = demanded->next;
    }
    if (demanded != NULL) {
        atomic_fetch_add(&demanded->owners, 1);
    }
    return demanded;
}

/* Lets go of the oldest ones, which stand last. */
static void make_room(struct renewable_tokens *tokens)
{
    struct demanded_token **place = &tokens->newest;
    for (size_t count = 1; *place != NULL && count < TOKENS_MOST; count++) {
        place = &(*place)->next;
    }
    while (*place != NULL) {
        struct demanded_token *oldest = *place;
        *place = oldest->next;
        release(oldest);
    }
}

static enum mstr_code fetch(struct renewable_token *renewable, const struct mstr_call *call, struct token *token,
                            struct mstr_error *error)
{
    struct demanded_token *demanded = (struct demanded_token *)(void *)renewable;
    return chain_token(demanded->chain, &demanded->demand, call, NULL, token, error);
}

static struct demanded_token *add(struct renewable_tokens *tokens, const struct demand *demand)
{
    struct demanded_token *demanded = calloc(1, sizeof(*demanded));
    if (demanded == NULL || !renewable_token_init(&demanded->renewable, fetch, WINDOW, tokens->chain.instance)) {
        free(demanded);
        return NULL;
    }
    make_room(tokens);
    demanded->chain = &tokens->chain;
    demanded->demand = *demand;
    demanded->owners = 2;
    demanded->next = tokens->newest;
    tokens->newest = demanded;
    return demanded;
}

static struct demanded_token *obtain(struct renewable_tokens *tokens, const struct demand *demand)
{
    pthread_mutex_lock(&tokens->mutex);
    struct demanded_token *demanded = find(tokens, demand);
    demanded = demanded != NULL ? demanded : add(tokens, demand);
    pthread_mutex_unlock(&tokens->mutex);
    return demanded;
}

enum mstr_code renewable_tokens_get(struct renewable_tokens *tokens, const struct demand *demand,
                                    const struct mstr_call *call, struct token *token, struct mstr_error *error)
{
    struct demanded_token *demanded = obtain(tokens, demand);
    enum mstr_code code = demanded != NULL ? renewable_token_get(&demanded->renewable, call, token, error)
                                           : host->error_set(error, MSTR_E_MEMORY, "out of memory");
    release(demanded);
    return code;
}

void renewable_tokens_drop(struct renewable_tokens *tokens, const struct demand *demand, const char *text)
{
    pthread_mutex_lock(&tokens->mutex);
    struct demanded_token *demanded = find(tokens, demand);
    pthread_mutex_unlock(&tokens->mutex);
    if (demanded != NULL) {
        renewable_token_drop(&demanded->renewable, text);
    }
    release(demanded);
}

void renewable_tokens_clear(struct renewable_tokens *tokens)
{
    pthread_mutex_lock(&tokens->mutex);
    struct demanded_token *demanded = tokens->newest;
    tokens->newest = NULL;
    pthread_mutex_unlock(&tokens->mutex);
    chain_reset(&tokens->chain);
    while (demanded != NULL) {
        struct demanded_token *next = demanded->next;
        release(demanded);
        demanded = next;
    }
}
