/* SPDX-License-Identifier: Apache-2.0 */
/* The connections of a store. */
#include "redis/service/pool.h"

#include "redis/service/sentinel.h"
#include "sdk/host.h"

#include <stdlib.h>

/* As many as rest at most, and for how long, ms. */
enum { RESTING_MAX = 4, REST = 10 * 1000 };

bool pool_init(struct pool *pool, const struct settings *settings)
{
    pool->resting = NULL;
    if (!dial_init(&pool->dial, settings)) {
        return false;
    }
    pthread_mutex_init(&pool->lock, NULL);
    return true;
}

static void close_all(struct connection *list)
{
    while (list != NULL) {
        struct connection *next = list->next;
        connection_close(list);
        list = next;
    }
}

void pool_forget(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    struct connection *list = pool->resting;
    pool->resting = NULL;
    pthread_mutex_unlock(&pool->lock);
    close_all(list);
}

void pool_destroy(struct pool *pool)
{
    close_all(pool->resting);
    pthread_mutex_destroy(&pool->lock);
    dial_destroy(&pool->dial);
}

/* Moves those that have rested for long enough, or beyond as many as may, into `old`. */
static void sort_out(struct pool *pool, struct connection **old)
{
    size_t kept = 0;
    int64_t now = host->monotonic();
    for (struct connection **at = &pool->resting; *at != NULL;) {
        struct connection *one = *at;
        if (now - one->idle <= REST && kept < RESTING_MAX) {
            kept++;
            at = &one->next;
        } else {
            *at = one->next;
            one->next = *old;
            *old = one;
        }
    }
}

static bool fits(const struct pool *pool, const struct connection *connection, const struct endpoint *place)
{
    const struct url *url = &pool->dial.settings->url;
    if (place != NULL) {
        return endpoint_equal(&connection->endpoint, place);
    }
    return url->name[0] != '\0' ? connection->kind == CONNECTION_PRIMARY
                                : endpoint_equal(&connection->endpoint, &url->endpoints[0]);
}

static struct connection *find(struct pool *pool, const struct endpoint *place)
{
    struct connection *old = NULL;
    struct connection *found = NULL;
    pthread_mutex_lock(&pool->lock);
    sort_out(pool, &old);
    for (struct connection **at = &pool->resting; found == NULL && *at != NULL;) {
        struct connection *one = *at;
        if (!fits(pool, one, place)) {
            at = &one->next;
            continue;
        }
        *at = one->next;
        if (connection_is_good(one)) {
            found = one;
        } else {
            one->next = old;
            old = one;
        }
    }
    pthread_mutex_unlock(&pool->lock);
    close_all(old);
    return found;
}

enum mstr_code pool_take(struct pool *pool, const struct endpoint *place, bool anew, const struct mstr_call *call,
                         struct connection **connection, struct mstr_error *error)
{
    const struct url *url = &pool->dial.settings->url;
    const struct wait wait = {call, INT64_MAX};
    struct endpoint primary;
    enum connection_kind kind = CONNECTION_SERVER;
    *connection = anew ? NULL : find(pool, place);
    if (*connection != NULL) {
        return MSTR_OK;
    }
    if (place == NULL && url->name[0] != '\0') {
        enum mstr_code code = sentinel_find(&pool->dial, call, &primary, error);
        if (code != MSTR_OK) {
            return code;
        }
        kind = CONNECTION_PRIMARY;
        place = &primary;
    }
    return connection_open(&pool->dial, place != NULL ? place : &url->endpoints[0], kind, &wait, connection, error);
}

void pool_give(struct pool *pool, struct connection *connection)
{
    struct connection *old = NULL;
    if (connection == NULL || !connection_is_good(connection)) {
        connection_close(connection);
        return;
    }
    connection->idle = host->monotonic();
    pthread_mutex_lock(&pool->lock);
    connection->next = pool->resting;
    pool->resting = connection;
    sort_out(pool, &old);
    pthread_mutex_unlock(&pool->lock);
    close_all(old);
}
