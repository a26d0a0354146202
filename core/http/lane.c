/* Lanes and their pool. */
#include "http/lane.h"

#include <stdbool.h>
#include <stdlib.h>

enum {
    ORIGINS = 8,      /* that a lane remembers */
    SPARES = 4,       /* easy handles that a lane keeps, each with its own TLS sessions */
    CONNECTIONS = 32, /* that a lane keeps alive: those of one batch */
};

struct lane {
    struct lane *next;
    const struct curl_api *api;
    CURLM *multi;
    CURL *spares[SPARES];
    size_t spare_count;
    uint64_t origins[ORIGINS]; /* the latest first */
    pthread_t user;            /* the thread that used it last */
    unsigned generation;
};

static void lane_free(struct lane *lane)
{
    /* After a fork the connections are the parent's: to close them properly would end its TLS sessions. */
    if (lane->generation == curl_api_generation()) {
        for (size_t i = 0; i < lane->spare_count; i++) {
            lane->api->easy_cleanup(lane->spares[i]);
        }
        lane->api->multi_cleanup(lane->multi);
    }
    free(lane);
}

static struct lane *lane_new(const struct curl_api *api)
{
    struct lane *lane = calloc(1, sizeof(*lane));
    if (lane == NULL) {
        return NULL;
    }
    lane->api = api;
    lane->generation = curl_api_generation();
    lane->multi = api->multi_init();
    if (lane->multi == NULL) {
        free(lane);
        return NULL;
    }
    api->multi_setopt(lane->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS);
    return lane;
}

void lane_pool_init(struct lane_pool *pool, size_t idle_most)
{
    *pool = (struct lane_pool){.idle_most = idle_most};
    pthread_mutex_init(&pool->lock, NULL);
}

void lane_pool_release(struct lane_pool *pool)
{
    while (pool->idle != NULL) {
        struct lane *lane = pool->idle;
        pool->idle = lane->next;
        lane_free(lane);
    }
    pthread_mutex_destroy(&pool->lock);
}

static bool has_spoken_to(const struct lane *lane, uint64_t origin)
{
    for (size_t i = 0; i < ORIGINS; i++) {
        if (lane->origins[i] == origin) {
            return true;
        }
    }
    return false;
}

static void remember(struct lane *lane, uint64_t origin)
{
    size_t at = 0;
    while (at < ORIGINS - 1 && lane->origins[at] != origin) {
        at++;
    }
    for (; at > 0; at--) {
        lane->origins[at] = lane->origins[at - 1];
    }
    lane->origins[0] = origin;
}

/* The link to the lane to take: of those that have spoken to the origin, the thread's own before others. */
static struct lane **find_best(struct lane_pool *pool, uint64_t origin)
{
    struct lane **best = NULL;
    for (struct lane **link = &pool->idle; *link != NULL; link = &(*link)->next) {
        if (has_spoken_to(*link, origin)) {
            if (pthread_equal((*link)->user, pthread_self())) {
                return link;
            }
            best = best == NULL ? link : best;
        }
    }
    return best != NULL ? best : &pool->idle;
}

/* Takes the best lane out of the list; NULL when it is empty. */
static struct lane *pick(struct lane_pool *pool, uint64_t origin)
{
    struct lane **link = find_best(pool, origin);
    struct lane *lane = *link;
    if (lane != NULL) {
        *link = lane->next;
        pool->idle_count--;
    }
    return lane;
}

struct lane *lane_lease(struct lane_pool *pool, const struct curl_api *api, uint64_t origin)
{
    struct lane *lane = NULL;
    do {
        if (lane != NULL) {
            lane_free(lane);
        }
        pthread_mutex_lock(&pool->lock);
        lane = pick(pool, origin);
        pthread_mutex_unlock(&pool->lock);
    } while (lane != NULL && lane->generation != curl_api_generation());
    if (lane == NULL) {
        lane = lane_new(api);
    }
    if (lane != NULL) {
        remember(lane, origin);
        lane->user = pthread_self();
    }
    return lane;
}

void lane_give_back(struct lane_pool *pool, struct lane *lane)
{
    pthread_mutex_lock(&pool->lock);
    bool kept = pool->idle_count < pool->idle_most;
    if (kept) {
        lane->next = pool->idle;
        pool->idle = lane;
        pool->idle_count++;
    }
    pthread_mutex_unlock(&pool->lock);
    if (!kept) {
        lane_free(lane);
    }
}

CURLM *lane_multi(const struct lane *lane)
{
    return lane->multi;
}

CURL *lane_take_easy(struct lane *lane)
{
    return lane->spare_count > 0 ? lane->spares[--lane->spare_count] : lane->api->easy_init();
}

void lane_keep_easy(struct lane *lane, CURL *easy)
{
    if (lane->spare_count < SPARES) {
        lane->api->easy_reset(easy);
        lane->spares[lane->spare_count++] = easy;
    } else {
        lane->api->easy_cleanup(easy);
    }
}
