/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connections of a store: those that rest, at most a few and for 10 s, and where a new one leads to. With
 * Sentinels the primary is asked for anew each time. Thread-safe.
 */
#ifndef MSTR_PROVIDERS_REDIS_SERVICE_POOL_H
#define MSTR_PROVIDERS_REDIS_SERVICE_POOL_H

#include "redis/wire/connection.h"

struct pool {
    struct dial dial;
    pthread_mutex_t lock;
    struct connection *resting; /* the latest first */
};

bool pool_init(struct pool *pool, const struct settings *settings);
void pool_destroy(struct pool *pool);

/* A connection to `place`, or, where that is NULL, to the store: a resting one, or a new one where `anew` or none
 * rests. */
enum mstr_code pool_take(struct pool *pool, const struct endpoint *place, bool anew, const struct mstr_call *call,
                         struct connection **connection, struct mstr_error *error);
/* Lets it rest if it is good, else closes it; NULL is accepted. */
void pool_give(struct pool *pool, struct connection *connection);
/* Closes those that rest: the store is elsewhere. */
void pool_forget(struct pool *pool);

#endif
