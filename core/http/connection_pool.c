/* Lanes and their pool. */
#include "http/connection_pool.h"

#include <stdbool.h>
#include <stdlib.h>

enum {
    ORIGINS = 8,      /* that a connections remembers */
    SPARES = 4,       /* easy handles that a connections keeps, each with its own TLS sessions */
    CONNECTIONS = 32, /* that a connections keeps alive: those of one batch */
};

struct connections {
    struct connections *next;
    const struct curl_api *api;
    CURLM *multi;
    CURL *spares[SPARES];
    size_t spare_count;
    uint64_t origins[ORIGINS]; /* the latest first */
    pthread_t user;            /* the thread that used it last */
    unsigned generation;
};

static void connections_free(struct connections *connections)
{
    /* After a fork the connections are the parent's: to close them properly would end its TLS sessions. */
    if (connections->generation == curl_api_generation()) {
        for (size_t i = 0; i < connections->spare_count; i++) {
            connections->api->easy_cleanup(connections->spares[i]);
        }
        connections->api->multi_cleanup(connections->multi);
    }
    free(connections);
}

static struct connections *connections_new(const struct curl_api *api)
{
    struct connections *connections = calloc(1, sizeof(*connections));
    if (connections == NULL) {
        return NULL;
    }
    connections->api = api;
    connections->generation = curl_api_generation();
    connections->multi = api->multi_init();
    if (connections->multi == NULL) {
        free(connections);
        return NULL;
    }
    api->multi_setopt(connections->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS);
    return connections;
}

void connection_pool_init(struct connection_pool *pool, size_t idle_most)
{
    *pool = (struct connection_pool){.idle_most = idle_most};
    pthread_mutex_init(&pool->lock, NULL);
}

void connection_pool_release(struct connection_pool *pool)
{
    while (pool->idle != NULL) {
        struct connections *connections = pool->idle;
        pool->idle = connections->next;
        connections_free(connections);
    }
    pthread_mutex_destroy(&pool->lock);
}

static bool has_spoken_to(const struct connections *connections, uint64_t origin)
{
    for (size_t i = 0; i < ORIGINS; i++) {
        if (connections->origins[i] == origin) {
            return true;
        }
    }
    return false;
}

static void remember(struct connections *connections, uint64_t origin)
{
    size_t at = 0;
    while (at < ORIGINS - 1 && connections->origins[at] != origin) {
        at++;
    }
    for (; at > 0; at--) {
        connections->origins[at] = connections->origins[at - 1];
    }
    connections->origins[0] = origin;
}

/* The link to the connections to take: of those that have spoken to the origin, the thread's own before others. */
static struct connections **find_best(struct connection_pool *pool, uint64_t origin)
{
    struct connections **best = NULL;
    for (struct connections **link = &pool->idle; *link != NULL; link = &(*link)->next) {
        if (has_spoken_to(*link, origin)) {
            if (pthread_equal((*link)->user, pthread_self())) {
                return link;
            }
            best = best == NULL ? link : best;
        }
    }
    return best != NULL ? best : &pool->idle;
}

/* Takes the best connections out of the list; NULL when it is empty. */
static struct connections *pick(struct connection_pool *pool, uint64_t origin)
{
    struct connections **link = find_best(pool, origin);
    struct connections *connections = *link;
    if (connections != NULL) {
        *link = connections->next;
        pool->idle_count--;
    }
    return connections;
}

struct connections *connection_pool_lease(struct connection_pool *pool, const struct curl_api *api, uint64_t origin)
{
    struct connections *connections = NULL;
    do {
        if (connections != NULL) {
            connections_free(connections);
        }
        pthread_mutex_lock(&pool->lock);
        connections = pick(pool, origin);
        pthread_mutex_unlock(&pool->lock);
    } while (connections != NULL && connections->generation != curl_api_generation());
    if (connections == NULL) {
        connections = connections_new(api);
    }
    if (connections != NULL) {
        remember(connections, origin);
        connections->user = pthread_self();
    }
    return connections;
}

void connection_pool_give_back(struct connection_pool *pool, struct connections *connections)
{
    pthread_mutex_lock(&pool->lock);
    bool kept = pool->idle_count < pool->idle_most;
    if (kept) {
        connections->next = pool->idle;
        pool->idle = connections;
        pool->idle_count++;
    }
    pthread_mutex_unlock(&pool->lock);
    if (!kept) {
        connections_free(connections);
    }
}

CURLM *connections_multi(const struct connections *connections)
{
    return connections->multi;
}

CURL *connections_take_easy(struct connections *connections)
{
    return connections->spare_count > 0 ? connections->spares[--connections->spare_count]
                                        : connections->api->easy_init();
}

void connections_keep_easy(struct connections *connections, CURL *easy)
{
    if (connections->spare_count < SPARES) {
        connections->api->easy_reset(easy);
        connections->spares[connections->spare_count++] = easy;
    } else {
        connections->api->easy_cleanup(easy);
    }
}
