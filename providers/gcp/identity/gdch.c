/* Credentials of Google Distributed Cloud: known, and refused with the reason. */
#include "gcp/identity/identity.h"

static enum mstr_code open(struct credential *credential, struct mstr_error *error)
{
    host->error_set(
        error, MSTR_E_CONFIG,
        "%s: gdch_service_account credentials are of Google Distributed Cloud, which has no Secret Manager",
        credential->source);
    host->error_detail(error, MSTR_DETAIL_HINT, "use a service account or workload identity federation");
    return MSTR_E_CONFIG;
}

const struct credential_type credential_gdch = {"gdch_service_account", open, NULL, NULL};
