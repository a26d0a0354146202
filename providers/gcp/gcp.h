/*
 * One instance of the Google provider, and what its files share. The plugin's entry point is in plugin.c.
 */
#ifndef MSTR_PROVIDERS_GCP_GCP_H
#define MSTR_PROVIDERS_GCP_GCP_H

#include "gcp/config/resource.h"
#include "gcp/identity/identity.h"
#include "gcp/service/payload.h"

struct gcp {
    const struct mstr_instance *instance;
    pthread_mutex_t mutex;
    pthread_cond_t found;
    bool searching;                /* a thread looks for the identity; guarded by the mutex, as all below */
    struct gcp_identity *identity; /* found on first use */
    char *project;                 /* the identity's own, found when a reference leaves it open */
};

/* identity.c. An instance is zeroed before. */
bool gcp_init(struct gcp *gcp, const struct mstr_instance *instance);
void gcp_destroy(struct gcp *gcp);
/* The identity is looked for anew the next time. */
void gcp_forget(struct gcp *gcp);
/* The instance's identity, looked for on the first call; the caller releases it. With `report` the search is made
 * anew and told. */
enum mstr_code gcp_identity(struct gcp *gcp, const struct mstr_call *call, struct mstr_report *report,
                            struct gcp_identity **out, struct mstr_error *error);

/* Puts the identity's own project where a reference leaves it open. */
enum mstr_code gcp_complete(struct gcp *gcp, const struct gcp_identity *identity, const struct mstr_call *call,
                            struct resource *resource, struct mstr_error *error);

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

/* Fetches the payloads of those versions whose code is MSTR_OK, side by side. */
void secret_manager_access(struct gcp_identity *identity, const struct mstr_call *call, struct access *accesses,
                           size_t count);
void access_release(struct access *access);

#endif
