/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The identity that an instance acts by: looked for once, by one thread, and kept for all.
 */
#ifndef MSTR_PROVIDERS_GCP_IDENTITY_ACTIVE_IDENTITY_H
#define MSTR_PROVIDERS_GCP_IDENTITY_ACTIVE_IDENTITY_H

#include "gcp/config/resource.h"
#include "gcp/identity/identity.h"

struct active_identity {
    struct renewable renewable; /* first */
    char *project;              /* its own, found when a reference leaves it open; under the same mutex */
};

/* It is zeroed before. False without resources. */
bool active_identity_init(struct active_identity *active, const struct mstr_instance *instance);
void active_identity_destroy(struct active_identity *active);
/* It is looked for anew the next time. */
void active_identity_forget(struct active_identity *active);
/* The identity, looked for on the first call; the caller releases it. With `report` it is looked for anew, each step
 * told, and not kept. */
enum mstr_code active_identity_get(struct active_identity *active, const struct mstr_call *call,
                                   struct mstr_report *report, struct gcp_identity **out, struct mstr_error *error);
/* Puts the identity's own project where a reference leaves it open. */
enum mstr_code active_identity_complete(struct active_identity *active, const struct gcp_identity *identity,
                                        const struct mstr_call *call, struct resource *resource,
                                        struct mstr_error *error);

#endif
