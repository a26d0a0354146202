/* Keeping what the chain found, and renewing it in time. */
#include "aws/identity/renewable_keys.h"

#include "aws/identity/chain.h"
#include "sdk/host.h"

#include <string.h>
#include <time.h>

/* ms. A waiting thread looks up this often, since a cancellation does not signal its condition. */
enum { WAIT_SLICE = 25, RETRY_AFTER = 45000 };
static const int64_t advisory_window = 15 * 60000, mandatory_window = 5 * 60000;

bool renewable_keys_init(struct renewable_keys *renewable, const struct aws_settings *settings)
{
    *renewable = (struct renewable_keys){.settings = settings, .error = host->error_new()};
    pthread_condattr_t attributes;
    bool good = renewable->error != NULL && pthread_mutex_init(&renewable->lock, NULL) == 0;
    if (good) {
        pthread_condattr_init(&attributes);
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        pthread_cond_init(&renewable->done, &attributes);
        pthread_condattr_destroy(&attributes);
    }
    return good;
}

void renewable_keys_destroy(struct renewable_keys *renewable)
{
    aws_keys_release(renewable->kept);
    aws_keys_release(renewable->standby);
    host->error_free(renewable->error);
    pthread_cond_destroy(&renewable->done);
    pthread_mutex_destroy(&renewable->lock);
}

void renewable_keys_forget(struct renewable_keys *renewable, const struct aws_keys *refused)
{
    pthread_mutex_lock(&renewable->lock);
    if (refused == NULL || renewable->kept == refused) {
        aws_keys_release(renewable->kept);
        renewable->kept = NULL;
    }
    if (refused == NULL && !renewable->busy) { /* who walks just now fetches anew anyway */
        aws_keys_release(renewable->standby);
        renewable->standby = NULL;
    }
    pthread_mutex_unlock(&renewable->lock);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* How urgent renewal is: it holds long enough, should be renewed by somebody, or must be before use. */
static enum urgency { FRESH, SOON, DUE } urgency(const struct renewable_keys *renewable)
{
    if (renewable->kept == NULL) {
        return DUE;
    }
    if (renewable->kept->expires == 0) {
        return FRESH;
    }
    int64_t lifetime = renewable->kept->expires - renewable->made;
    int64_t left = renewable->kept->expires - aws_retry_now(&renewable->retry_policy);
    if (left <= least(mandatory_window, lifetime / 10)) {
        return DUE;
    }
    /* People are asked as rarely as can be. */
    return left > least(advisory_window, lifetime / 4) || renewable->kept->attended ? FRESH : SOON;
}

/* What may still be used although renewal failed or is not to be tried yet. */
static bool serves_on(const struct renewable_keys *renewable)
{
    return renewable->kept != NULL &&
           (renewable->kept->expires > aws_retry_now(&renewable->retry_policy) || renewable->kept->outlives);
}

/* ms until a renewal that failed is tried again. */
static int64_t pause_after_failure(const struct renewable_keys *renewable)
{
    bool past_end = serves_on(renewable) && renewable->kept->expires <= aws_retry_now(&renewable->retry_policy);
    return past_end ? aws_keys_extension() : RETRY_AFTER;
}

static enum mstr_code walk(struct renewable_keys *renewable, const struct mstr_call *call, struct aws_keys **out,
                           struct mstr_error *error)
{
    struct configuration config;
    const struct surroundings around = {
        .call = call, .config = &config, .retry_policy = &renewable->retry_policy, .standby = &renewable->standby};
    enum mstr_code code = configuration_load(renewable->settings, &config, error);
    if (code == MSTR_OK) {
        code = aws_retry_configure(around.retry_policy, config.profile, error);
    }
    if (code == MSTR_OK) {
        code = chain_walk(&around, NULL, out, error);
    }
    configuration_release(&config);
    return code;
}

/* With the lock held, which is given up meanwhile. */
static enum mstr_code renew(struct renewable_keys *renewable, const struct mstr_call *call)
{
    struct aws_keys *made = NULL;
    struct mstr_error *error = host->error_new();
    renewable->busy = true;
    pthread_mutex_unlock(&renewable->lock);
    enum mstr_code code = walk(renewable, call, &made, error);
    pthread_mutex_lock(&renewable->lock);
    renewable->busy = false;
    if (code == MSTR_OK) {
        aws_keys_release(renewable->kept);
        renewable->kept = made;
        renewable->made = aws_retry_now(&renewable->retry_policy);
        renewable->next_try = 0;
    } else {
        renewable->failures++;
        renewable->code = code;
        host->error_copy(renewable->error, error);
        renewable->next_try = host->monotonic() + pause_after_failure(renewable);
        if (serves_on(renewable)) {
            host->log(renewable->settings->instance, MSTR_LEVEL_WARN,
                      "the AWS credentials could not be renewed, the old ones go on: %s", host->error_message(error));
        }
    }
    pthread_cond_broadcast(&renewable->done);
    host->error_free(error);
    return code;
}

static enum mstr_code wait_for(struct renewable_keys *renewable, const struct mstr_call *call,
                               struct mstr_error *error)
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
    pthread_cond_timedwait(&renewable->done, &renewable->lock, &until);
    return MSTR_OK;
}

enum mstr_code renewable_keys_get(struct renewable_keys *renewable, const struct mstr_call *call,
                                  struct aws_keys **out, struct mstr_error *error)
{
    enum mstr_code code = MSTR_OK;
    *out = NULL;
    pthread_mutex_lock(&renewable->lock);
    unsigned failures = renewable->failures;
    for (;;) {
        enum urgency how = urgency(renewable);
        bool put_off = serves_on(renewable) && host->monotonic() < renewable->next_try;
        if (how == FRESH || put_off || (how == SOON && renewable->busy)) {
            break;
        }
        if (renewable->busy) {
            code = wait_for(renewable, call, error);
            if (code == MSTR_OK && failures == renewable->failures) {
                continue;
            }
        } else if (renew(renewable, call) == MSTR_OK) {
            break;
        }
        if (code == MSTR_OK && !serves_on(renewable)) {
            code = renewable->code;
            host->error_copy(error, renewable->error);
        }
        break;
    }
    if (code == MSTR_OK && renewable->kept != NULL) {
        *out = aws_keys_retain(renewable->kept);
    }
    pthread_mutex_unlock(&renewable->lock);
    return code;
}
