/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session of `aws login`: keys out of the AWS CLI's cache, renewed with the refresh token that stands beside them,
 * and put back for all programs of the user.
 */
#ifndef MSTR_PROVIDERS_AWS_IDENTITY_LOGIN_H
#define MSTR_PROVIDERS_AWS_IDENTITY_LOGIN_H

#include "aws/identity/identity.h"

/* The session that the profile's login_session names. MSTR_E_AUTHENTICATION says why there is none, and how to log
 * in. */
enum mstr_code login_keys(const struct surroundings *around, const struct section *profile, struct aws_keys **out,
                          struct mstr_error *error);

#endif
