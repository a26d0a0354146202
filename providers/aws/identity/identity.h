/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ways to prove to AWS who we are, one file each, and what they may look at. Each yields keys.
 */
#ifndef MSTR_PROVIDERS_AWS_IDENTITY_IDENTITY_H
#define MSTR_PROVIDERS_AWS_IDENTITY_IDENTITY_H

#include "aws/config/configuration.h"
#include "aws/wire/keys.h"
#include "aws/wire/retry_policy.h"

#include <mstr/provider.h>

struct surroundings {
    const struct mstr_call *call;
    const struct configuration *config;    /* its region is that of services on the way */
    const char *region;                    /* for them where none is configured; NULL = none is known */
    struct aws_retry_policy *retry_policy; /* of services on the way; NULL = none is kept */
    struct aws_keys **standby; /* an instance's last keys, for the roles over them; NULL = none are kept */
};

/* Where services on the way are asked, with keys or NULL: by the configuration, or else where the secret is, or the
 * identity; NULL = not known. */
static inline const char *surroundings_region(const struct surroundings *around, const struct aws_keys *keys)
{
    const char *known = around->config->region != NULL ? around->config->region : around->region;
    return known != NULL ? known : keys != NULL ? keys->region : NULL;
}

/* MSTR_OK with keys; MSTR_E_NOT_AVAILABLE, saying why, when it is not configured here; any other failure ends the
 * chain. */
typedef enum mstr_code identity_fn(const struct surroundings *around, struct aws_keys **out,
                                   struct mstr_error *error);

identity_fn environment_keys;  /* AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY */
identity_fn profile_keys;      /* whatever the profile says */
identity_fn web_identity_keys; /* AWS_WEB_IDENTITY_TOKEN_FILE */
identity_fn container_keys;    /* AWS_CONTAINER_CREDENTIALS_… */
identity_fn imds_keys;         /* EC2's metadata service */
identity_fn imds_standing_in;  /* the same, or what it gave last */

/* The way of a profile's credential_process. */
enum mstr_code process_keys(const struct surroundings *around, const char *command, struct aws_keys **out,
                            struct mstr_error *error);

#endif
