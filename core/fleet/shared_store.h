/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store of shared secrets as one context has it: set up on first use, left alone for a while after it failed
 * (health.h), with a thread that listens to what others say is no good any more; and who a worker is to each
 * provider. Thread-safe; no lock is held while anybody is asked.
 */
#ifndef MSTR_FLEET_SHARED_STORE_H
#define MSTR_FLEET_SHARED_STORE_H

#include "fleet/shelf.h"
#include "plugin/registry.h"
#include "resolve/cache.h"
#include "resolve/fetch.h"

struct shared_store_options {
    struct registry *registry; /* and so the configuration */
    const char *section;       /* "fleet", "fleet NAME" */
    struct fetch *inner;       /* who has what the store has not */
    struct cache *cache;       /* a cache_memory, which forgets what others say is no good */
    int64_t ttl;               /* ms for which a value may be shared at most */
};

struct shared_store;

/* NULL without resources. */
struct shared_store *shared_store_new(const struct shared_store_options *options);
/* NULL is accepted. */
void shared_store_free(struct shared_store *store);

/* NULL where it is of no use now. Sets it up on first use, within the limits. */
const struct shelf *shared_store_use(struct shared_store *store, const struct limits *limits);
/* The same without setting it up. */
const struct shelf *shared_store_peek(struct shared_store *store);
/* What came of a call; tells a failure once, and a forgery each time. */
void shared_store_note(struct shared_store *store, enum shelf_outcome outcome, const mstr_error *error);

/* Puts into a place what is remembered as seen there, and remembers what by now is; of some hundred places. */
void shared_store_recall(struct shared_store *store, struct shelf_place *place);
void shared_store_remember(struct shared_store *store, const struct shelf_place *place);

/* From now on nothing is taken that is there by now. */
void shared_store_forget(struct shared_store *store);
/* Whether that holds for what was written then, clock_monotonic() ms. */
bool shared_store_has_forgotten(struct shared_store *store, int64_t written);

/* As whom values of a scheme are read here, and what they depend on beside. */
struct shared_reader {
    char identity[IDENTITY_MAX + 1];
    char origin[2 * FLEET_DIGEST + 1];
};
/* False where nothing was read yet. */
bool shared_store_find_reader(struct shared_store *store, const char *scheme, struct shared_reader *reader);
/* A value was read as this identity. False without memory, or where the scheme cannot be told apart from others of
 * its name. */
bool shared_store_learn(struct shared_store *store, const char *scheme, const char *identity,
                        struct shared_reader *reader);

#endif
