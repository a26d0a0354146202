/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials of Google Distributed Cloud: known, and refused with the reason. */
#include "gcp/identity/kinds.h"

static enum mstr_code open(struct gcp_identity *identity, struct mstr_error *error)
{
    host->error_set(
        error, MSTR_E_CONFIG,
        "%s: gdch_service_account credentials are of Google Distributed Cloud, which has no Secret Manager",
        identity->source);
    host->error_detail(error, MSTR_DETAIL_HINT, "use a service account or workload identity federation");
    return MSTR_E_CONFIG;
}

const struct gcp_identity_kind gdch_identity = {"gdch_service_account", open, NULL, NULL};
