/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of an instance, which many threads share and one renews in time; the old ones serve meanwhile.
 */
#ifndef MSTR_PROVIDERS_AWS_IDENTITY_RENEWABLE_KEYS_H
#define MSTR_PROVIDERS_AWS_IDENTITY_RENEWABLE_KEYS_H

#include "aws/config/configuration.h"
#include "aws/wire/keys.h"
#include "aws/wire/retry_policy.h"

struct renewable_keys {
    struct renewable renewable; /* first */
    const struct aws_settings *settings;
    struct aws_keys *standby; /* an instance's last keys, where a role over them is kept; the walker's own */
    char region[64];          /* that a secret was first asked for in; "" = none yet. Under the renewable's mutex */
    struct aws_retry_policy retry_policy; /* of the calls that the keys sign, and of those on the way to them */
};

/* The settings are borrowed to the end. False without resources. */
bool renewable_keys_init(struct renewable_keys *keys, const struct aws_settings *settings);
void renewable_keys_destroy(struct renewable_keys *keys);

/* Keys for the caller to release. The region of the secret, NULL where none is known, serves on the way to them where
 * none is configured. */
enum mstr_code renewable_keys_get(struct renewable_keys *keys, const char *region, const struct mstr_call *call,
                                  struct aws_keys **out, struct mstr_error *error);
/* Forgets the keys that are kept; with `refused`, only if they are still those. */
void renewable_keys_forget(struct renewable_keys *keys, const struct aws_keys *refused);

#endif
