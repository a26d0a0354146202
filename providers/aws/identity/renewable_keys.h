/*
 * The keys of an instance, which many threads share and one renews in time; the old ones serve meanwhile.
 */
#ifndef MSTR_PROVIDERS_AWS_IDENTITY_RENEWABLE_KEYS_H
#define MSTR_PROVIDERS_AWS_IDENTITY_RENEWABLE_KEYS_H

#include "aws/config/configuration.h"
#include "aws/wire/keys.h"
#include "aws/wire/retry_policy.h"

#include <pthread.h>

struct renewable_keys {
    const struct aws_settings *settings;
    pthread_mutex_t lock;
    pthread_cond_t done;
    bool busy;
    unsigned failures; /* counts failed walks, so that those who waited share the failure */
    struct aws_keys *kept;
    struct aws_keys *standby; /* an instance's last keys, where a role over them is kept; the walker's own */
    int64_t made;             /* when, wall clock ms */
    int64_t next_try;         /* a failed renewal is not repeated before, monotonic ms */
    enum mstr_code code;
    struct mstr_error *error;
    struct aws_retry_policy retry_policy; /* of the calls that the keys sign, and of those on the way to them */
};

/* The settings are borrowed to the end. False without memory. */
bool renewable_keys_init(struct renewable_keys *renewable, const struct aws_settings *settings);
void renewable_keys_destroy(struct renewable_keys *renewable);

/* Keys for the caller to release. */
enum mstr_code renewable_keys_get(struct renewable_keys *renewable, const struct mstr_call *call,
                                  struct aws_keys **out, struct mstr_error *error);
/* Forgets the keys that are kept; with `refused`, only if they are still those. */
void renewable_keys_forget(struct renewable_keys *renewable, const struct aws_keys *refused);

#endif
