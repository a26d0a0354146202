/*
 * Which identity signs: the sources in their order, the first that is configured decides. What it gave is kept and
 * renewed in time, by one thread at a time, for all requests of an instance.
 */
#ifndef MSTR_PROVIDERS_AWS_IDENTITY_CHAIN_H
#define MSTR_PROVIDERS_AWS_IDENTITY_CHAIN_H

#include "aws/identity/identity.h"

#include <pthread.h>

struct chain {
    pthread_mutex_t lock;
    pthread_cond_t done;
    bool busy;
    unsigned failures; /* counts failed walks, so that those who waited share the failure */
    struct identity *kept;
    struct identity *standby; /* an instance's last keys, where a role over them is kept; the walker's own */
    int64_t made;             /* when, wall clock ms */
    int64_t next_try;         /* a failed renewal is not repeated before, monotonic ms */
    enum mstr_code code;
    struct mstr_error *error;
    struct pace pace;
};

bool chain_init(struct chain *chain);
void chain_destroy(struct chain *chain);

/* An identity for the caller to release. */
enum mstr_code chain_get(struct chain *chain, const struct mstr_instance *instance, const struct mstr_call *call,
                         struct identity **out, struct mstr_error *error);
/* Forgets the kept identity; with `refused`, only if it is still that one. */
void chain_forget(struct chain *chain, const struct identity *refused);

/* Walks the sources anew. Each step goes to `report`; it and `chain`, whose pace is kept, may be NULL. */
enum mstr_code chain_walk(const struct mstr_instance *instance, const struct mstr_call *call, struct chain *chain,
                          struct mstr_report *report, struct identity **out, struct mstr_error *error);

/* Reads the shared config, to be released whatever happened, and finds the profile and the region in it. A profile
 * that was asked for by name must be there: another identity by accident would be worse. */
enum mstr_code chain_look_around(const struct mstr_instance *instance, const struct mstr_call *call,
                                 struct shared_config *config, struct surroundings *around, struct mstr_error *error);

/* The region by option, environment or profile into `region`; MSTR_E_CONFIG if there is none. */
enum mstr_code chain_region(const struct mstr_instance *instance, struct buffer *region, struct mstr_error *error);

#endif
