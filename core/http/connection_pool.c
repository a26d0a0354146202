/* SPDX-License-Identifier: Apache-2.0 */
/* Lanes and their pool. */
#include "http/connection_pool.h"

#include "http/close_on_exec.h"

#include <stdbool.h>
#include <stdlib.h>

enum {
    ORIGINS = 8,      /* that a set remembers */
    SPARES = 4,       /* easy handles that a set keeps, each with its own TLS sessions */
    CONNECTIONS = 32, /* that a set keeps alive: those of one batch */
};

struct connection_set {
    struct connection_set *next;
    const struct curl_api *api;
    CURLM *multi;
    CURL *spares[SPARES];
    size_t spare_count;
    uint64_t origins[ORIGINS]; /* the latest first */
    pthread_t user;            /* the thread that used it last */
    unsigned generation;
    bool asked; /* see tls.h */
};

static void connection_set_free(struct connection_set *set)
{
    /* After a fork the connections are the parent's: to close them properly would end its TLS sessions. */
    if (set->generation == curl_api_generation()) {
        for (size_t i = 0; i < set->spare_count; i++) {
            set->api->easy_cleanup(set->spares[i]);
        }
        set->api->multi_cleanup(set->multi);
    }
    free(set);
}

static struct connection_set *connection_set_new(const struct curl_api *api)
{
    struct connection_set *set = calloc(1, sizeof(*set));
    struct free_numbers before;
    if (set == NULL) {
        return NULL;
    }
    set->api = api;
    set->generation = curl_api_generation();
    free_numbers_note(&before);
    set->multi = api->multi_init();
    free_numbers_close_on_exec(&before);
    if (set->multi == NULL) {
        free(set);
        return NULL;
    }
    api->multi_setopt(set->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS);
    return set;
}

void connection_pool_init(struct connection_pool *pool, size_t idle_most)
{
    *pool = (struct connection_pool){.idle_most = idle_most};
    pthread_mutex_init(&pool->lock, NULL);
}

void connection_pool_release(struct connection_pool *pool)
{
    while (pool->idle != NULL) {
        struct connection_set *set = pool->idle;
        pool->idle = set->next;
        connection_set_free(set);
    }
    pthread_mutex_destroy(&pool->lock);
}

static bool has_spoken_to(const struct connection_set *set, uint64_t origin)
{
    for (size_t i = 0; i < ORIGINS; i++) {
        if (set->origins[i] == origin) {
            return true;
        }
    }
    return false;
}

static void remember(struct connection_set *set, uint64_t origin)
{
    size_t at = 0;
    while (at < ORIGINS - 1 && set->origins[at] != origin) {
        at++;
    }
    for (; at > 0; at--) {
        set->origins[at] = set->origins[at - 1];
    }
    set->origins[0] = origin;
}

/* The link to the set to take: of those that have spoken to the origin, the thread's own before others. */
static struct connection_set **find_best(struct connection_pool *pool, uint64_t origin)
{
    struct connection_set **best = NULL;
    for (struct connection_set **link = &pool->idle; *link != NULL; link = &(*link)->next) {
        if (has_spoken_to(*link, origin)) {
            if (pthread_equal((*link)->user, pthread_self())) {
                return link;
            }
            best = best == NULL ? link : best;
        }
    }
    return best != NULL ? best : &pool->idle;
}

/* Takes the best set out of the list; NULL when it is empty. */
static struct connection_set *pick(struct connection_pool *pool, uint64_t origin)
{
    struct connection_set **link = find_best(pool, origin);
    struct connection_set *set = *link;
    if (set != NULL) {
        *link = set->next;
        pool->idle_count--;
    }
    return set;
}

struct connection_set *connection_pool_lease(struct connection_pool *pool, const struct curl_api *api,
                                             uint64_t origin)
{
    struct connection_set *set = NULL;
    do {
        if (set != NULL) {
            connection_set_free(set);
        }
        pthread_mutex_lock(&pool->lock);
        set = pick(pool, origin);
        pthread_mutex_unlock(&pool->lock);
    } while (set != NULL && set->generation != curl_api_generation());
    if (set == NULL) {
        set = connection_set_new(api);
    }
    if (set != NULL) {
        remember(set, origin);
        set->user = pthread_self();
    }
    return set;
}

void connection_pool_give_back(struct connection_pool *pool, struct connection_set *set)
{
    pthread_mutex_lock(&pool->lock);
    bool kept = pool->idle_count < pool->idle_most;
    if (kept) {
        set->next = pool->idle;
        pool->idle = set;
        pool->idle_count++;
    }
    pthread_mutex_unlock(&pool->lock);
    if (!kept) {
        connection_set_free(set);
    }
}

bool *connection_set_asked(struct connection_set *set)
{
    return &set->asked;
}

CURLM *connection_set_multi(const struct connection_set *set)
{
    return set->multi;
}

CURL *connection_set_take_easy(struct connection_set *set)
{
    return set->spare_count > 0 ? set->spares[--set->spare_count] : set->api->easy_init();
}

void connection_set_keep_easy(struct connection_set *set, CURL *easy)
{
    if (set->spare_count < SPARES) {
        set->api->easy_reset(easy);
        set->spares[set->spare_count++] = easy;
    } else {
        set->api->easy_cleanup(easy);
    }
}
