/*
 * Secret Manager's access method: the payloads of several versions, fetched side by side by one identity.
 */
#ifndef MSTR_PROVIDERS_GCP_SERVICE_SECRET_MANAGER_H
#define MSTR_PROVIDERS_GCP_SERVICE_SECRET_MANAGER_H

#include "gcp/config/resource.h"
#include "gcp/identity/identity.h"
#include "gcp/service/payload.h"

/* What is to become of a version that could not be fetched yet. */
enum access_next { ACCESS_NEVER, ACCESS_AT_ONCE, ACCESS_LATER };

/* One version wanted, and what became of it. Zeroed but for resource and error; to be released. */
struct access {
    struct resource resource;
    struct mstr_error *error; /* the caller's; told why not */
    enum mstr_code code;
    struct payload payload;
    /* How far it is, of no concern to the caller: */
    struct buffer url;
    enum access_next next;
    bool renewed;  /* the token was refused once */
    bool damaged;  /* the payload came damaged the last time */
    int64_t asked; /* ms that the service wants to be left alone */
};

/* Fetches the payloads of those versions whose code is MSTR_OK. */
void secret_manager_access(struct gcp_identity *identity, const struct mstr_call *call, struct access *accesses,
                           size_t count);
void access_release(struct access *access);

#endif
