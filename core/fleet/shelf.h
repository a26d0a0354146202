/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store as shared secrets use it: a record for each secret and identity that read it, sealed, which ends by
 * itself with the value; the lease of whoever fetches it for all; and word that one is no good any more. Names tell
 * neither references nor identities. Each call asks the store once or twice, within 500 ms. Thread-safe; owns
 * nothing.
 */
#ifndef MSTR_FLEET_SHELF_H
#define MSTR_FLEET_SHELF_H

#include "fleet/record.h"
#include "plugin/store_instance.h"

enum { SHELF_NAME = 35, SHELF_TOKEN = 33 };

struct shelf {
    struct store_instance *store;
    const struct fleet_keys *keys;
};

/* Where one secret stands, and who asks. */
struct shelf_place {
    struct fleet_scope scope; /* origin: the instance and its settings; user: the identity. Borrowed. */
    char group[FLEET_GROUP];
    char name[SHELF_NAME];
    int64_t fence;   /* of the record as it was last seen; 0 = none */
    int64_t seen;    /* the highest fence of what was opened or written here; a lower one is somebody's replay */
    int64_t written; /* when the value was that was read, clock_monotonic() ms: at the earliest */
    char token[SHELF_TOKEN]; /* of a lease; "" = it is not had */
    int64_t lease;           /* its fence */
    int64_t now;             /* the store's time when it was had */
};

enum shelf_outcome {
    SHELF_VALUE, /* there is one */
    SHELF_NONE,  /* there is none, or the lease is had */
    SHELF_HELD,  /* somebody else has the lease */
    SHELF_CHANGED,
    SHELF_STRANGE, /* sealed by a key that is unknown here: to be left alone */
    SHELF_FORGED,  /* somebody wrote what nobody sealed: told once, and as if there were none */
    SHELF_FAILED   /* the store does not answer, as the error tells */
};

/* `key` is the reference's. False without memory. */
bool shelf_place_init(struct shelf_place *place, const struct shelf *shelf, const char *origin, const char *identity,
                      const char *key);
/* *secret is to be released; for how many ms it may be held for fresh, in *left. */
enum shelf_outcome shelf_read(const struct shelf *shelf, struct shelf_place *place, const struct limits *limits,
                              mstr_secret **secret, int64_t *left, mstr_error *error);
/* Takes the lease, if the record is as it was last seen: NONE, HELD, CHANGED. */
enum shelf_outcome shelf_lease(const struct shelf *shelf, struct shelf_place *place, int64_t duration,
                               const struct limits *limits, mstr_error *error);
/* Under the lease, which ends with it. A value that is too long, or has no time left, stays where it is. */
enum shelf_outcome shelf_write(const struct shelf *shelf, struct shelf_place *place, const mstr_secret *secret,
                               int64_t ttl, const struct limits *limits, mstr_error *error);
void shelf_give_back(const struct shelf *shelf, const struct shelf_place *place, const struct limits *limits);

/* Takes a secret away. */
enum shelf_outcome shelf_remove(const struct shelf *shelf, const struct shelf_place *place,
                                const struct limits *limits, mstr_error *error);
/* Says to all who listen that the secret of this key is no good any more. */
enum shelf_outcome shelf_tell(const struct shelf *shelf, const char *key, const struct limits *limits,
                              mstr_error *error);
/* Listening to that: the channel, whose texts are those of the arrays; and whether a message means a key. */
bool shelf_channel(const struct shelf *shelf, char group[FLEET_GROUP], struct mstr_store_key *channel);
bool shelf_means(const struct shelf *shelf, const char *message, const char *key);

#endif
