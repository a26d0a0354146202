/* Tokens that many threads share and one renews. */
#include "sdk/renewable.h"

#include "sdk/host.h"
#include "sdk/wait.h"

#include <string.h>

enum { RETRY_PAUSE = 30000 }; /* ms */

bool renewable_init(struct renewable *renewable, int64_t window)
{
    *renewable = (struct renewable){.window = window};
    if (pthread_mutex_init(&renewable->mutex, NULL) != 0) {
        return false;
    }
    if (pthread_cond_init(&renewable->changed, NULL) != 0) {
        pthread_mutex_destroy(&renewable->mutex);
        return false;
    }
    return true;
}

void renewable_destroy(struct renewable *renewable)
{
    token_release(&renewable->token);
    host->error_free(renewable->why);
    pthread_cond_destroy(&renewable->changed);
    pthread_mutex_destroy(&renewable->mutex);
}

static bool usable(const struct renewable *renewable)
{
    return renewable->token.text != NULL && host->now() < renewable->token.expires;
}

static bool needs_no_renewal(const struct renewable *renewable)
{
    const struct token *token = &renewable->token;
    int64_t renew = token->renew != 0 ? token->renew : token->expires - renewable->window;
    return usable(renewable) &&
           (host->now() < renew || renewable->busy || host->monotonic() < renewable->quiet_until);
}

/* Fetches with the mutex released; the failure is kept for those who wait. */
static void fetch_now(struct renewable *renewable, renewable_fetch_fn fetch, void *data, const struct mstr_call *call)
{
    struct token fresh = {.text = NULL};
    struct mstr_error *why = host->error_new();
    renewable->busy = true;
    pthread_mutex_unlock(&renewable->mutex);
    enum mstr_code code = fetch(data, call, &fresh, why);
    pthread_mutex_lock(&renewable->mutex);
    renewable->busy = false;
    renewable->round++;
    renewable->code = code;
    host->error_free(renewable->why);
    renewable->why = why;
    if (code == MSTR_OK) {
        token_release(&renewable->token);
        renewable->token = fresh;
        renewable->quiet_until = 0;
    } else {
        token_release(&fresh);
        renewable->quiet_until = host->monotonic() + RETRY_PAUSE;
    }
    pthread_cond_broadcast(&renewable->changed);
}

static enum mstr_code settle(struct renewable *renewable, renewable_fetch_fn fetch, void *data,
                             const struct mstr_call *call, struct mstr_error *error)
{
    while (!needs_no_renewal(renewable)) {
        uint64_t round = renewable->round;
        bool mine = !renewable->busy;
        enum mstr_code code = MSTR_OK;
        if (mine) {
            fetch_now(renewable, fetch, data, call);
        } else {
            code = wait_a_little(&renewable->changed, &renewable->mutex, call, "an access token", error);
        }
        if (code != MSTR_OK) {
            return code;
        }
        bool own_limits = renewable->code == MSTR_E_CANCELLED || renewable->code == MSTR_E_TIMEOUT;
        if (renewable->round != round && renewable->code != MSTR_OK && !usable(renewable) && (mine || !own_limits)) {
            host->error_copy(error, renewable->why);
            return renewable->code;
        }
        if (mine && renewable->code == MSTR_OK) {
            break; /* also one that is within the window from the start */
        }
    }
    return MSTR_OK;
}

enum mstr_code renewable_get(struct renewable *renewable, renewable_fetch_fn fetch, void *data,
                             const struct mstr_call *call, struct token *token, struct mstr_error *error)
{
    pthread_mutex_lock(&renewable->mutex);
    enum mstr_code code = settle(renewable, fetch, data, call, error);
    if (code == MSTR_OK &&
        (renewable->token.text == NULL ||
         !token_set(token, renewable->token.text, strlen(renewable->token.text), renewable->token.expires))) {
        code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    pthread_mutex_unlock(&renewable->mutex);
    return code;
}

void renewable_drop(struct renewable *renewable, const char *text)
{
    pthread_mutex_lock(&renewable->mutex);
    if (renewable->token.text != NULL && (text == NULL || strcmp(renewable->token.text, text) == 0)) {
        token_release(&renewable->token);
    }
    pthread_mutex_unlock(&renewable->mutex);
}
