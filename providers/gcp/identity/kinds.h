/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kinds of identities that credential files configure, a file each.
 */
#ifndef MSTR_PROVIDERS_GCP_IDENTITY_KINDS_H
#define MSTR_PROVIDERS_GCP_IDENTITY_KINDS_H

#include "gcp/identity/identity.h"

extern const struct gcp_identity_kind service_account_identity;
extern const struct gcp_identity_kind authorized_user_identity;
extern const struct gcp_identity_kind external_account_identity;
extern const struct gcp_identity_kind external_user_identity;
extern const struct gcp_identity_kind impersonated_identity;
extern const struct gcp_identity_kind gdch_identity;

#endif
