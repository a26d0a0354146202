/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which project a reference means that leaves it to the identity: gcp-sm://-/SECRET.
 */
#ifndef MSTR_PROVIDERS_GCP_IDENTITY_PROJECT_H
#define MSTR_PROVIDERS_GCP_IDENTITY_PROJECT_H

#include "base/buffer.h"
#include "gcp/identity/identity.h"

/* By environment, credential file or metadata server. MSTR_E_CONFIG when none of them knows one. */
enum mstr_code project_find(const struct gcp_identity *identity, const struct mstr_call *call, struct buffer *out,
                            struct mstr_error *error);

#endif
