/*
 * Lanes: a curl multi handle with the connections it keeps alive, leased to one call at a time. The pool prefers a
 * lane that has spoken to the wanted origin: the thread's own, so that it keeps meeting its connections, or else the
 * one used last, so that idle lanes grow cold. Threads share nothing but the short list of idle lanes.
 */
#ifndef MSTR_HTTP_LANE_H
#define MSTR_HTTP_LANE_H

#include "http/curl_api.h"

#include <pthread.h>
#include <stdint.h>

struct lane;

struct lane_pool {
    pthread_mutex_t lock;
    struct lane *idle; /* used last comes first */
    size_t idle_count;
    size_t idle_most;
};

void lane_pool_init(struct lane_pool *pool, size_t idle_most);
void lane_pool_release(struct lane_pool *pool);

/* A lane of one's own until it is given back; NULL without memory. `origin` is any number that tells origins apart.
 */
struct lane *lane_lease(struct lane_pool *pool, const struct curl_api *api, uint64_t origin);
void lane_give_back(struct lane_pool *pool, struct lane *lane);

CURLM *lane_multi(const struct lane *lane);
/* An easy handle with no option set; NULL without memory. */
CURL *lane_take_easy(struct lane *lane);
/* Takes one back; it must not be in the multi handle any more. */
void lane_keep_easy(struct lane *lane, CURL *easy);

#endif
