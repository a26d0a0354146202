/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which identity signs: all in their order, and the first that is configured decides.
 */
#ifndef MSTR_PROVIDERS_AWS_IDENTITY_CHAIN_H
#define MSTR_PROVIDERS_AWS_IDENTITY_CHAIN_H

#include "aws/identity/identity.h"

/* MSTR_E_CONFIG where credential_source names none. */
enum mstr_code chain_check(const struct aws_settings *settings, struct mstr_error *error);
/* Keys for the caller to release: of the first identity that is configured, or of the settings' role over them. Each
 * step goes to `report`, which may be NULL. */
enum mstr_code chain_walk(const struct surroundings *around, struct mstr_report *report, struct aws_keys **out,
                          struct mstr_error *error);

#endif
