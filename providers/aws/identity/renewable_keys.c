/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping what the chain found, and renewing it in time. */
#include "aws/identity/renewable_keys.h"

#include "aws/identity/chain.h"
#include "sdk/host.h"

#include <string.h>

/* ms before their end: from the first on one caller renews keys, from the second on all wait for that. */
static const int64_t advisory_window = 15 * 60000, mandatory_window = 5 * 60000;

/* AWS tells an end as an instant, so it is AWS's clock that it is compared with. */
static int64_t now(const struct renewable *renewable)
{
    const struct renewable_keys *keys = (const struct renewable_keys *)(const void *)renewable;
    return aws_retry_now(&keys->retry_policy);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void set_times(struct aws_keys *keys, int64_t made)
{
    struct kept *kept = &keys->kept;
    if (keys->expires != 0) {
        int64_t lifetime = keys->expires - made;
        kept->end = keys->expires;
        kept->due = kept->end - least(mandatory_window, lifetime / 10);
        /* People are asked as rarely as can be. */
        kept->renew = keys->attended ? kept->due : kept->end - least(advisory_window, lifetime / 4);
        kept->extension = keys->outlives ? aws_keys_extension() : 0;
    }
}

/* What is there once stays, so that it may be looked at without the mutex. */
static void note_region(struct renewable_keys *keys, const char *region)
{
    pthread_mutex_lock(&keys->renewable.mutex);
    if (region != NULL && keys->region[0] == '\0' && strlen(region) < sizeof(keys->region)) {
        strcpy(keys->region, region);
    }
    pthread_mutex_unlock(&keys->renewable.mutex);
}

static const char *known_region(struct renewable_keys *keys)
{
    pthread_mutex_lock(&keys->renewable.mutex);
    const char *region = keys->region[0] != '\0' ? keys->region : NULL;
    pthread_mutex_unlock(&keys->renewable.mutex);
    return region;
}

static enum mstr_code walk(struct renewable *renewable, const struct mstr_call *call, struct kept **out,
                           struct mstr_error *error)
{
    struct renewable_keys *keys = (struct renewable_keys *)(void *)renewable;
    struct aws_keys *found = NULL;
    struct configuration config;
    const struct surroundings around = {.call = call,
                                        .config = &config,
                                        .region = known_region(keys),
                                        .retry_policy = &keys->retry_policy,
                                        .standby = &keys->standby};
    enum mstr_code code = configuration_load(call, keys->settings, &config, error);
    if (code == MSTR_OK) {
        code = aws_retry_configure(around.retry_policy, config.profile, error);
    }
    if (code == MSTR_OK) {
        code = chain_walk(&around, NULL, &found, error);
    }
    if (code == MSTR_OK) {
        set_times(found, now(renewable));
        *out = &found->kept;
    }
    configuration_release(&config);
    return code;
}

bool renewable_keys_init(struct renewable_keys *keys, const struct aws_settings *settings)
{
    static const struct renewable_kind kind = {
        "AWS credentials", "the AWS credentials could not be renewed, the old ones go on", walk, now};
    *keys = (struct renewable_keys){.settings = settings};
    return renewable_init(&keys->renewable, &kind, settings->instance);
}

void renewable_keys_destroy(struct renewable_keys *keys)
{
    renewable_destroy(&keys->renewable);
    aws_keys_release(keys->standby);
}

enum mstr_code renewable_keys_get(struct renewable_keys *keys, const char *region, const struct mstr_call *call,
                                  struct aws_keys **out, struct mstr_error *error)
{
    struct kept *kept = NULL;
    note_region(keys, region);
    enum mstr_code code = renewable_get(&keys->renewable, call, &kept, error);
    *out = (struct aws_keys *)(void *)kept;
    return code;
}

void renewable_keys_forget(struct renewable_keys *keys, const struct aws_keys *refused)
{
    renewable_drop(&keys->renewable, refused != NULL ? &refused->kept : NULL);
    pthread_mutex_lock(&keys->renewable.mutex);
    if (refused == NULL && !keys->renewable.flight.busy) { /* who walks just now fetches anew anyway */
        aws_keys_release(keys->standby);
        keys->standby = NULL;
    }
    pthread_mutex_unlock(&keys->renewable.mutex);
}
