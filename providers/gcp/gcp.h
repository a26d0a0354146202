/*
 * One instance of the Google provider, and what its files share. The plugin's entry point is in plugin.c.
 */
#ifndef MSTR_PROVIDERS_GCP_GCP_H
#define MSTR_PROVIDERS_GCP_GCP_H

#include "gcp/credential.h"
#include "gcp/payload.h"
#include "gcp/resource.h"

struct gcp {
    const struct mstr_instance *instance;
    pthread_mutex_t mutex;
    struct credential *credential; /* found on first use; guarded by the mutex */
};

/* The instance's identity, looked for on the first call; the caller releases it. With `report` the search is made
 * anew and told. */
enum mstr_code gcp_identity(struct gcp *gcp, const struct mstr_call *call, struct mstr_report *report,
                            struct credential **out, struct mstr_error *error);

/* Fetches a version's payload. `error` is told why not. */
enum mstr_code secret_manager_access(struct credential *credential, const struct resource *resource,
                                     const struct mstr_call *call, struct payload *payload, struct mstr_error *error);

#endif
