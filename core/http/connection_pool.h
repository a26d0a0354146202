/*
 * Lanes: a curl multi handle with the connections it keeps alive, leased to one call at a time. The pool prefers a
 * connections that has spoken to the wanted origin: the thread's own, so that it keeps meeting its connections, or
 * else the one used last, so that idle connections grow cold. Threads share nothing but the short list of idle
 * connections.
 */
#ifndef MSTR_HTTP_CONNECTION_POOL_H
#define MSTR_HTTP_CONNECTION_POOL_H

#include "http/curl_api.h"

#include <pthread.h>
#include <stdint.h>

struct connections;

struct connection_pool {
    pthread_mutex_t lock;
    struct connections *idle; /* used last comes first */
    size_t idle_count;
    size_t idle_most;
};

void connection_pool_init(struct connection_pool *pool, size_t idle_most);
void connection_pool_release(struct connection_pool *pool);

/* A connections of one's own until it is given back; NULL without memory. `origin` is any number that tells origins
 * apart.
 */
struct connections *connection_pool_lease(struct connection_pool *pool, const struct curl_api *api, uint64_t origin);
void connection_pool_give_back(struct connection_pool *pool, struct connections *connections);

CURLM *connections_multi(const struct connections *connections);
/* An easy handle with no option set; NULL without memory. */
CURL *connections_take_easy(struct connections *connections);
/* Takes one back; it must not be in the multi handle any more. */
void connections_keep_easy(struct connections *connections, CURL *easy);

#endif
