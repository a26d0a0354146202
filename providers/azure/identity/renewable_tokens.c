/* The tokens of an instance. */
#include "azure/identity/renewable_tokens.h"

#include "azure/identity/chain.h"

#include <stdlib.h>
#include <string.h>

/* ms before a token's end from which on it is renewed; all of Azure's clients take five minutes. */
enum { WINDOW = 300000 };
/* Tokens kept at once: vaults choose tenants and claims, so that there must be an end. */
enum { TOKENS_MOST = 32 };

struct kept_token {
    struct kept_token *next;
    struct azure *azure;
    struct demand demand;
    struct renewable cache;
    atomic_uint owners; /* the list, and callers */
};

static void release(struct kept_token *kept)
{
    if (kept != NULL && atomic_fetch_sub(&kept->owners, 1) == 1) {
        renewable_destroy(&kept->cache);
        free(kept);
    }
}

/* The hash of a refused token is how a token is asked for, not what it is good for. */
static bool serves(const struct kept_token *kept, const struct demand *demand)
{
    return strcmp(kept->demand.resource, demand->resource) == 0 && strcmp(kept->demand.tenant, demand->tenant) == 0 &&
           strcmp(kept->demand.claims, demand->claims) == 0;
}

static struct kept_token *find(struct azure *azure, const struct demand *demand)
{
    struct kept_token *kept = azure->tokens;
    while (kept != NULL && !serves(kept, demand)) {
        kept = kept->next;
    }
    if (kept != NULL) {
        atomic_fetch_add(&kept->owners, 1);
    }
    return kept;
}

/* Lets go of the oldest ones, which stand last. */
static void make_room(struct azure *azure)
{
    struct kept_token **place = &azure->tokens;
    for (size_t count = 1; *place != NULL && count < TOKENS_MOST; count++) {
        place = &(*place)->next;
    }
    while (*place != NULL) {
        struct kept_token *oldest = *place;
        *place = oldest->next;
        release(oldest);
    }
}

static struct kept_token *add(struct azure *azure, const struct demand *demand)
{
    struct kept_token *kept = calloc(1, sizeof(*kept));
    if (kept == NULL || !renewable_init(&kept->cache, WINDOW)) {
        free(kept);
        return NULL;
    }
    make_room(azure);
    kept->azure = azure;
    kept->demand = *demand;
    kept->owners = 2;
    kept->next = azure->tokens;
    azure->tokens = kept;
    return kept;
}

static struct kept_token *obtain(struct azure *azure, const struct demand *demand)
{
    pthread_mutex_lock(&azure->mutex);
    struct kept_token *kept = find(azure, demand);
    kept = kept != NULL ? kept : add(azure, demand);
    pthread_mutex_unlock(&azure->mutex);
    return kept;
}

static enum mstr_code fetch(void *data, const struct mstr_call *call, struct token *token, struct mstr_error *error)
{
    struct kept_token *kept = data;
    return chain_token(kept->azure, &kept->demand, call, NULL, token, error);
}

enum mstr_code keeper_token(struct azure *azure, const struct demand *demand, const struct mstr_call *call,
                            struct token *token, struct mstr_error *error)
{
    struct kept_token *kept = obtain(azure, demand);
    enum mstr_code code = kept != NULL ? renewable_get(&kept->cache, fetch, kept, call, token, error)
                                       : host->error_set(error, MSTR_E_MEMORY, "out of memory");
    release(kept);
    return code;
}

void keeper_drop(struct azure *azure, const struct demand *demand, const char *text)
{
    pthread_mutex_lock(&azure->mutex);
    struct kept_token *kept = find(azure, demand);
    pthread_mutex_unlock(&azure->mutex);
    if (kept != NULL) {
        renewable_drop(&kept->cache, text);
    }
    release(kept);
}

void keeper_clear(struct azure *azure)
{
    pthread_mutex_lock(&azure->mutex);
    struct kept_token *kept = azure->tokens;
    azure->tokens = NULL;
    pthread_mutex_unlock(&azure->mutex);
    while (kept != NULL) {
        struct kept_token *next = kept->next;
        release(kept);
        kept = next;
    }
}
