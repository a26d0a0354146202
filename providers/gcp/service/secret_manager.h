/*
 * Secret Manager's access method: the payloads of several versions, fetched side by side by one identity.
 */
#ifndef MSTR_PROVIDERS_GCP_SERVICE_SECRET_MANAGER_H
#define MSTR_PROVIDERS_GCP_SERVICE_SECRET_MANAGER_H

#include "gcp/config/resource.h"
#include "gcp/identity/identity.h"
#include "gcp/service/payload.h"

/* One version wanted, and what became of it. Zeroed but for resource and error; to be released. */
struct access {
    struct resource resource;
    struct mstr_error *error; /* the caller's; told why not */
    enum mstr_code code;
    struct payload payload;
    char reader[IDENTITY_SIZE]; /* who read it */
    /* How far it is, of no concern to the caller: */
    struct gcp_identity *identity;
    const struct mstr_call *call;
    const struct access *others; /* of its batch; those before it */
    struct mstr_header headers[4];
    char locations[LOCATIONS_MAX + 1];
    struct buffer url;
    struct buffer bearer;
    bool tokenless; /* no token could be had for it */
    bool renewed;   /* the token was refused once */
    bool damaged;   /* the payload came damaged once */
};

/* Fetches the payloads of those versions whose code is MSTR_OK. */
void secret_manager_access(struct gcp_identity *identity, const struct mstr_call *call, struct access *accesses,
                           size_t count);
void access_release(struct access *access);

#endif
