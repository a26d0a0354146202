/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secret Manager's access method: the payloads of several versions, fetched side by side by one identity.
 */
#ifndef MSTR_PROVIDERS_GCP_SERVICE_SECRET_MANAGER_H
#define MSTR_PROVIDERS_GCP_SERVICE_SECRET_MANAGER_H

#include "gcp/config/resource.h"
#include "gcp/identity/identity.h"
#include "gcp/service/payload.h"
#include "sdk/batch.h"

/* One version wanted, and what became of it. */
struct access {
    struct batch_item item; /* first */
    struct resource resource;
    struct payload payload;     /* with MSTR_OK */
    char reader[IDENTITY_SIZE]; /* who read it */

    /* on the way */
    struct gcp_identity *identity;
    struct mstr_header headers[4];
    char locations[LOCATIONS_MAX + 1];
    struct buffer url;
    struct buffer bearer;
    bool renewed; /* the token was refused once */
    bool damaged; /* the payload came damaged once */
};

/* Fetches those that wait, by this identity. */
void secret_manager_access(const struct batch *batch, struct gcp_identity *identity);
/* Of a batch_kind. */
void access_release(struct batch_item *item);

#endif
