/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections leased by origin. A connection set is a curl multi handle with the connections that it keeps alive; one
 * call at a time has it. The pool prefers a set that has spoken to the wanted origin: the thread's own, so that it
 * keeps meeting its connections, or else the one used last, so that idle ones grow cold. Threads share nothing but
 * the short list of idle sets.
 */
#ifndef MSTR_HTTP_CONNECTION_POOL_H
#define MSTR_HTTP_CONNECTION_POOL_H

#include "http/curl_api.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct connection_set;

struct connection_pool {
    pthread_mutex_t lock;
    struct connection_set *idle; /* used last comes first */
    size_t idle_count;
    size_t idle_most;
};

void connection_pool_init(struct connection_pool *pool, size_t idle_most);
void connection_pool_release(struct connection_pool *pool);

/* A set of one's own until it is given back; NULL without memory. `origin` is any number that tells origins
 * apart. */
struct connection_set *connection_pool_lease(struct connection_pool *pool, const struct curl_api *api,
                                             uint64_t origin);
void connection_pool_give_back(struct connection_pool *pool, struct connection_set *set);

/* Where to note what concerns all connections of the set: it lives as long as they. */
bool *connection_set_asked(struct connection_set *set);
CURLM *connection_set_multi(const struct connection_set *set);
/* An easy handle with no option set; NULL without memory. */
CURL *connection_set_take_easy(struct connection_set *set);
/* Takes one back; it must not be in the multi handle any more. */
void connection_set_keep_easy(struct connection_set *set, CURL *easy);

#endif
