/* The tokens of an instance. */
#include "azure/identity/renewable_tokens.h"

#include "sdk/host.h"

#include <stdlib.h>
#include <string.h>

/* ms before a token's end from which on it is renewed; all of Azure's clients take five minutes. */
enum { WINDOW = 300000 };
/* Tokens kept at once: vaults choose tenants and claims, so that there must be an end. */
enum { TOKENS_MOST = 32 };

struct renewable_token {
    struct renewable_token *next;
    struct chain *chain;
    struct demand demand;
    struct renewable cache;
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

static void release(struct renewable_token *renewable)
{
    if (renewable != NULL && atomic_fetch_sub(&renewable->owners, 1) == 1) {
        renewable_destroy(&renewable->cache);
        free(renewable);
    }
}

static struct renewable_token *find(struct renewable_tokens *tokens, const struct demand *demand)
{
    struct renewable_token *renewable = tokens->newest;
    while (renewable != NULL && !demand_equals(&renewable->demand, demand)) {
        renewable = renewable->next;
    }
    if (renewable != NULL) {
        atomic_fetch_add(&renewable->owners, 1);
    }
    return renewable;
}

/* Lets go of the oldest ones, which stand last. */
static void make_room(struct renewable_tokens *tokens)
{
    struct renewable_token **place = &tokens->newest;
    for (size_t count = 1; *place != NULL && count < TOKENS_MOST; count++) {
        place = &(*place)->next;
    }
    while (*place != NULL) {
        struct renewable_token *oldest = *place;
        *place = oldest->next;
        release(oldest);
    }
}

static struct renewable_token *add(struct renewable_tokens *tokens, const struct demand *demand)
{
    struct renewable_token *renewable = calloc(1, sizeof(*renewable));
    if (renewable == NULL || !renewable_init(&renewable->cache, WINDOW)) {
        free(renewable);
        return NULL;
    }
    make_room(tokens);
    renewable->chain = &tokens->chain;
    renewable->demand = *demand;
    renewable->owners = 2;
    renewable->next = tokens->newest;
    tokens->newest = renewable;
    return renewable;
}

static struct renewable_token *obtain(struct renewable_tokens *tokens, const struct demand *demand)
{
    pthread_mutex_lock(&tokens->mutex);
    struct renewable_token *renewable = find(tokens, demand);
    renewable = renewable != NULL ? renewable : add(tokens, demand);
    pthread_mutex_unlock(&tokens->mutex);
    return renewable;
}

static enum mstr_code fetch(void *data, const struct mstr_call *call, struct token *token, struct mstr_error *error)
{
    struct renewable_token *renewable = data;
    return chain_token(renewable->chain, &renewable->demand, call, NULL, token, error);
}

enum mstr_code renewable_tokens_get(struct renewable_tokens *tokens, const struct demand *demand,
                                    const struct mstr_call *call, struct token *token, struct mstr_error *error)
{
    struct renewable_token *renewable = obtain(tokens, demand);
    enum mstr_code code = renewable != NULL ? renewable_get(&renewable->cache, fetch, renewable, call, token, error)
                                            : host->error_set(error, MSTR_E_MEMORY, "out of memory");
    release(renewable);
    return code;
}

void renewable_tokens_drop(struct renewable_tokens *tokens, const struct demand *demand, const char *text)
{
    pthread_mutex_lock(&tokens->mutex);
    struct renewable_token *renewable = find(tokens, demand);
    pthread_mutex_unlock(&tokens->mutex);
    if (renewable != NULL) {
        renewable_drop(&renewable->cache, text);
    }
    release(renewable);
}

void renewable_tokens_clear(struct renewable_tokens *tokens)
{
    pthread_mutex_lock(&tokens->mutex);
    struct renewable_token *renewable = tokens->newest;
    tokens->newest = NULL;
    pthread_mutex_unlock(&tokens->mutex);
    chain_reset(&tokens->chain);
    while (renewable != NULL) {
        struct renewable_token *next = renewable->next;
        release(renewable);
        renewable = next;
    }
}
