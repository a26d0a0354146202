/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The metadata server of Compute Engine, GKE, Cloud Run and their kin, as an identity.
 */
#ifndef MSTR_PROVIDERS_GCP_IDENTITY_METADATA_H
#define MSTR_PROVIDERS_GCP_IDENTITY_METADATA_H

#include "gcp/identity/identity.h"

extern const struct gcp_identity_kind metadata_identity;

/* MSTR_OK with an identity when this machine is Google's; MSTR_E_NOT_AVAILABLE tells how that was found out. At most
 * one short ping, whose outcome is remembered while the process lives. */
enum mstr_code metadata_find(const struct mstr_instance *instance, const struct mstr_call *call,
                             struct gcp_identity **out, struct mstr_error *error);

#endif
