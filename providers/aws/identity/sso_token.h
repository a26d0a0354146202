/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A login of IAM Identity Center as the AWS CLI keeps it: found in its cache of tokens, renewed with the refresh
 * token that stands beside it, and put back for all programs of the user.
 */
#ifndef MSTR_PROVIDERS_AWS_IDENTITY_SSO_TOKEN_H
#define MSTR_PROVIDERS_AWS_IDENTITY_SSO_TOKEN_H

#include "aws/identity/identity.h"

struct sso_login {
    const char *key; /* what the cache file is named by: the session, or the start URL of the older form */
    const char *region;
    bool renewable; /* logins of a session are */
};

/* Appends an access token that holds. MSTR_E_AUTHENTICATION says why there is none, and how to log in. */
enum mstr_code sso_token(const struct surroundings *around, const struct section *profile,
                         const struct sso_login *login, struct buffer *token, struct mstr_error *error);
/* Tells that the user must log in. */
enum mstr_code sso_tell_login(const struct section *profile, const char *why, struct mstr_error *error);

#endif
