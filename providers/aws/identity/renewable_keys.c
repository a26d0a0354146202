/* Which identity signs: keeping what the walk gave, and renewing it in time. */
#include "aws/identity/chain.h"

#include "sdk/host.h"

#include <string.h>
#include <time.h>

/* ms. A waiting thread looks up this often, since a cancellation does not signal its condition. */
enum { WAIT_SLICE = 25, RETRY_AFTER = 45000 };
static const int64_t advisory_window = 15 * 60000, mandatory_window = 5 * 60000;

bool chain_init(struct chain *chain)
{
    *chain = (struct chain){.error = host->error_new()};
    pthread_condattr_t attributes;
    bool good = chain->error != NULL && pthread_mutex_init(&chain->lock, NULL) == 0;
    if (good) {
        pthread_condattr_init(&attributes);
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        pthread_cond_init(&chain->done, &attributes);
        pthread_condattr_destroy(&attributes);
    }
    return good;
}

void chain_destroy(struct chain *chain)
{
    identity_release(chain->kept);
    identity_release(chain->standby);
    host->error_free(chain->error);
    pthread_cond_destroy(&chain->done);
    pthread_mutex_destroy(&chain->lock);
}

void chain_forget(struct chain *chain, const struct identity *refused)
{
    pthread_mutex_lock(&chain->lock);
    if (refused == NULL || chain->kept == refused) {
        identity_release(chain->kept);
        chain->kept = NULL;
    }
    if (refused == NULL && !chain->busy) { /* who walks just now fetches anew anyway */
        identity_release(chain->standby);
        chain->standby = NULL;
    }
    pthread_mutex_unlock(&chain->lock);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* How urgent renewal is: it holds long enough, should be renewed by somebody, or must be before use. */
static enum urgency { FRESH, SOON, DUE } urgency(const struct chain *chain)
{
    if (chain->kept == NULL) {
        return DUE;
    }
    if (chain->kept->expires == 0) {
        return FRESH;
    }
    int64_t lifetime = chain->kept->expires - chain->made;
    int64_t left = chain->kept->expires - pace_now(&chain->pace);
    if (left <= least(mandatory_window, lifetime / 10)) {
        return DUE;
    }
    /* People are asked as rarely as can be. */
    return left > least(advisory_window, lifetime / 4) || chain->kept->attended ? FRESH : SOON;
}

/* What may still be used although renewal failed or is not to be tried yet. */
static bool serves_on(const struct chain *chain)
{
    return chain->kept != NULL && (chain->kept->expires > pace_now(&chain->pace) || chain->kept->outlives);
}

/* ms until a renewal that failed is tried again. */
static int64_t pause_after_failure(const struct chain *chain)
{
    bool past_end = serves_on(chain) && chain->kept->expires <= pace_now(&chain->pace);
    return past_end ? identity_extension() : RETRY_AFTER;
}

/* With the lock held, which is given up meanwhile. */
static enum mstr_code renew(struct chain *chain, const struct mstr_instance *instance, const struct mstr_call *call)
{
    struct identity *made = NULL;
    struct mstr_error *error = host->error_new();
    chain->busy = true;
    pthread_mutex_unlock(&chain->lock);
    enum mstr_code code = chain_walk(instance, call, chain, NULL, &made, error);
    pthread_mutex_lock(&chain->lock);
    chain->busy = false;
    if (code == MSTR_OK) {
        identity_release(chain->kept);
        chain->kept = made;
        chain->made = pace_now(&chain->pace);
        chain->next_try = 0;
    } else {
        chain->failures++;
        chain->code = code;
        host->error_copy(chain->error, error);
        chain->next_try = host->monotonic() + pause_after_failure(chain);
        if (serves_on(chain)) {
            host->log(instance, MSTR_LEVEL_WARN, "the AWS credentials could not be renewed, the old ones go on: %s",
                      host->error_message(error));
        }
    }
    pthread_cond_broadcast(&chain->done);
    host->error_free(error);
    return code;
}

static enum mstr_code wait_for(struct chain *chain, const struct mstr_call *call, struct mstr_error *error)
{
    struct timespec until;
    if (host->cancelled(call)) {
        return host->error_set(error, MSTR_E_CANCELLED, "cancelled while waiting for AWS credentials");
    }
    if (host->remaining(call) == 0) {
        return host->error_set(error, MSTR_E_TIMEOUT, "no AWS credentials before the deadline");
    }
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += WAIT_SLICE * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_cond_timedwait(&chain->done, &chain->lock, &until);
    return MSTR_OK;
}

enum mstr_code chain_get(struct chain *chain, const struct mstr_instance *instance, const struct mstr_call *call,
                         struct identity **out, struct mstr_error *error)
{
    enum mstr_code code = MSTR_OK;
    *out = NULL;
    pthread_mutex_lock(&chain->lock);
    unsigned failures = chain->failures;
    for (;;) {
        enum urgency how = urgency(chain);
        bool put_off = serves_on(chain) && host->monotonic() < chain->next_try;
        if (how == FRESH || put_off || (how == SOON && chain->busy)) {
            break;
        }
        if (chain->busy) {
            code = wait_for(chain, call, error);
            if (code == MSTR_OK && failures == chain->failures) {
                continue;
            }
        } else if (renew(chain, instance, call) == MSTR_OK) {
            break;
        }
        if (code == MSTR_OK && !serves_on(chain)) {
            code = chain->code;
            host->error_copy(error, chain->error);
        }
        break;
    }
    if (code == MSTR_OK && chain->kept != NULL) {
        *out = identity_retain(chain->kept);
    }
    pthread_mutex_unlock(&chain->lock);
    return code;
}
