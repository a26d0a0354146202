/* Access tokens and their cache. */
#include "sdk/renewable.h"

#include "sdk/host.h"
#include "sdk/wait.h"

#include <string.h>

enum { RETRY_PAUSE = 30000 }; /* ms */

bool token_set(struct token *token, const char *text, size_t length, int64_t expires)
{
    token->text = host->secret_alloc(length + 1);
    token->expires = expires;
    token->renew = 0;
    if (token->text != NULL) {
        memcpy(token->text, text, length);
    }
    return token->text != NULL;
}

void token_release(struct token *token)
{
    host->secret_free(token->text);
    token->text = NULL;
}

bool token_cache_init(struct token_cache *cache, int64_t window)
{
    *cache = (struct token_cache){.window = window};
    if (pthread_mutex_init(&cache->mutex, NULL) != 0) {
        return false;
    }
    if (pthread_cond_init(&cache->changed, NULL) != 0) {
        pthread_mutex_destroy(&cache->mutex);
        return false;
    }
    return true;
}

void token_cache_destroy(struct token_cache *cache)
{
    token_release(&cache->token);
    host->error_free(cache->why);
    pthread_cond_destroy(&cache->changed);
    pthread_mutex_destroy(&cache->mutex);
}

static bool usable(const struct token_cache *cache)
{
    return cache->token.text != NULL && host->now() < cache->token.expires;
}

static bool needs_no_renewal(const struct token_cache *cache)
{
    const struct token *token = &cache->token;
    int64_t renew = token->renew != 0 ? token->renew : token->expires - cache->window;
    return usable(cache) && (host->now() < renew || cache->busy || host->monotonic() < cache->quiet_until);
}

/* Fetches with the mutex released; the failure is kept for those who wait. */
static void fetch_now(struct token_cache *cache, token_fetch_fn fetch, void *data, const struct mstr_call *call)
{
    struct token fresh = {.text = NULL};
    struct mstr_error *why = host->error_new();
    cache->busy = true;
    pthread_mutex_unlock(&cache->mutex);
    enum mstr_code code = fetch(data, call, &fresh, why);
    pthread_mutex_lock(&cache->mutex);
    cache->busy = false;
    cache->round++;
    cache->code = code;
    host->error_free(cache->why);
    cache->why = why;
    if (code == MSTR_OK) {
        token_release(&cache->token);
        cache->token = fresh;
        cache->quiet_until = 0;
    } else {
        token_release(&fresh);
        cache->quiet_until = host->monotonic() + RETRY_PAUSE;
    }
    pthread_cond_broadcast(&cache->changed);
}

static enum mstr_code settle(struct token_cache *cache, token_fetch_fn fetch, void *data,
                             const struct mstr_call *call, struct mstr_error *error)
{
    while (!needs_no_renewal(cache)) {
        uint64_t round = cache->round;
        bool mine = !cache->busy;
        enum mstr_code code = MSTR_OK;
        if (mine) {
            fetch_now(cache, fetch, data, call);
        } else {
            code = wait_a_little(&cache->changed, &cache->mutex, call, "an access token", error);
        }
        if (code != MSTR_OK) {
            return code;
        }
        bool own_limits = cache->code == MSTR_E_CANCELLED || cache->code == MSTR_E_TIMEOUT;
        if (cache->round != round && cache->code != MSTR_OK && !usable(cache) && (mine || !own_limits)) {
            host->error_copy(error, cache->why);
            return cache->code;
        }
        if (mine && cache->code == MSTR_OK) {
            break; /* also one that is within the window from the start */
        }
    }
    return MSTR_OK;
}

enum mstr_code token_cache_get(struct token_cache *cache, token_fetch_fn fetch, void *data,
                               const struct mstr_call *call, struct token *token, struct mstr_error *error)
{
    pthread_mutex_lock(&cache->mutex);
    enum mstr_code code = settle(cache, fetch, data, call, error);
    if (code == MSTR_OK && (cache->token.text == NULL ||
                            !token_set(token, cache->token.text, strlen(cache->token.text), cache->token.expires))) {
        code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    pthread_mutex_unlock(&cache->mutex);
    return code;
}

void token_cache_drop(struct token_cache *cache, const char *text)
{
    pthread_mutex_lock(&cache->mutex);
    if (cache->token.text != NULL && (text == NULL || strcmp(cache->token.text, text) == 0)) {
        token_release(&cache->token);
    }
    pthread_mutex_unlock(&cache->mutex);
}
