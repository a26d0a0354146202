/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IAM Identity Center: role credentials for the token that `aws sso login` left in its cache.
 */
#ifndef MSTR_PROVIDERS_AWS_IDENTITY_SSO_H
#define MSTR_PROVIDERS_AWS_IDENTITY_SSO_H

#include "aws/identity/identity.h"

bool sso_is_configured(const struct section *profile);
enum mstr_code sso_keys(const struct surroundings *around, const struct section *profile, struct aws_keys **out,
                        struct mstr_error *error);

#endif
