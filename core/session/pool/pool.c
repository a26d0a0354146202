/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions leased to one caller at a time, in order of arrival. */
#include <mstr/pool.h>

#include "base/clock.h"
#include "base/condition.h"
#include "base/error.h"
#include "base/gate.h"
#include "base/given.h"
#include "base/limits.h"

#include <stdlib.h>

enum { CAPACITY_MAX = 1024, CHECK_AFTER = 60 * 1000 };

struct place {
    mstr_session *session; /* NULL = not made yet */
    bool leased;
    int64_t returned; /* clock_monotonic() */
};

/* Who waits for a place, on their own stack. */
struct waiter {
    struct waiter *next;
};

struct mstr_pool {
    mstr_pool_options options;
    pthread_mutex_t mutex; /* never held while anything is sent */
    pthread_cond_t changed;
    struct gate making;
    struct waiter *first;
    struct waiter **last;
    size_t leased;
    bool draining;
    struct place places[];
};

static enum mstr_code check_options(const mstr_pool_options *options, mstr_error *error)
{
    static const char what[] = "the options of the pool were";
    if (given_check(what, MSTR_HAS(options, mstr_pool_options, check_after), 0, 0, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    if (options->make == NULL) {
        return error_set(error, MSTR_E_USAGE, "a pool needs a way to make sessions");
    }
    const struct given_number numbers[] = {{"capacity", options->capacity, 1, CAPACITY_MAX},
                                           GIVEN_COUNT(options, mstr_pool_options, check_after)};
    return given_numbers(what, numbers, sizeof(numbers) / sizeof(*numbers), error);
}

enum mstr_code mstr_pool_new(const mstr_pool_options *options, mstr_pool **out, mstr_error *error)
{
    *out = NULL;
    if (check_options(options, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    mstr_pool *pool = calloc(1, sizeof(*pool) + options->capacity * sizeof(struct place));
    if (pool == NULL || !condition_init(&pool->changed) || !gate_init(&pool->making)) {
        free(pool);
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    pthread_mutex_init(&pool->mutex, NULL);
    pool->options = *options;
    pool->options.check_after = options->check_after > 0 ? options->check_after : CHECK_AFTER;
    pool->last = &pool->first;
    *out = pool;
    return MSTR_OK;
}

void mstr_pool_free(mstr_pool *pool)
{
    if (pool == NULL) {
        return;
    }
    for (size_t i = 0; i < pool->options.capacity; i++) {
        mstr_session_free(pool->places[i].session);
    }
    gate_destroy(&pool->making);
    pthread_cond_destroy(&pool->changed);
    pthread_mutex_destroy(&pool->mutex);
    free(pool);
}

static void leave_line(mstr_pool *pool, const struct waiter *waiter)
{
    struct waiter **at = &pool->first;
    while (*at != waiter) {
        at = &(*at)->next;
    }
    *at = waiter->next;
    if (pool->last == &waiter->next) {
        pool->last = at;
    }
    pthread_cond_broadcast(&pool->changed);
}

/* Waits in line for a free place. The caller holds the mutex. */
static enum mstr_code stand_in_line(mstr_pool *pool, const struct limits *limits, mstr_error *error)
{
    struct waiter waiter = {NULL};
    enum mstr_code code = MSTR_OK;
    *pool->last = &waiter;
    pool->last = &waiter.next;
    while (code == MSTR_OK && !pool->draining && (pool->first != &waiter || pool->leased == pool->options.capacity)) {
        code = limits_wait(&pool->changed, &pool->mutex, limits);
    }
    leave_line(pool, &waiter);
    if (pool->draining) {
        return error_set(error, MSTR_E_SESSION, "the pool is drained");
    }
    return code == MSTR_OK ? MSTR_OK
                           : error_set(error, code, "%s while all %u sessions of the pool were leased",
                                       mstr_code_text(code), (unsigned)pool->options.capacity);
}

/* The free place used last, so that those which are not needed stay idle; else one without a session. */
static struct place *choose(mstr_pool *pool)
{
    struct place *best = NULL;
    for (size_t i = 0; i < pool->options.capacity; i++) {
        struct place *place = &pool->places[i];
        bool better =
            best == NULL || (place->session != NULL && (best->session == NULL || place->returned > best->returned));
        if (!place->leased && better) {
            best = place;
        }
    }
    return best;
}

static enum mstr_code take_place(mstr_pool *pool, const struct limits *limits, struct place **out, mstr_error *error)
{
    pthread_mutex_lock(&pool->mutex);
    enum mstr_code code = stand_in_line(pool, limits, error);
    if (code == MSTR_OK) {
        *out = choose(pool);
        (*out)->leased = true;
        pool->leased++;
    }
    pthread_mutex_unlock(&pool->mutex);
    return code;
}

static void give_place(mstr_pool *pool, struct place *place)
{
    pthread_mutex_lock(&pool->mutex);
    place->leased = false;
    place->returned = clock_monotonic();
    pool->leased--;
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->mutex);
}

static enum mstr_code make(mstr_pool *pool, struct place *place, const struct limits *limits, mstr_error *error)
{
    enum mstr_code code = gate_enter(&pool->making, limits);
    if (code != MSTR_OK) {
        return error_set(error, code, "%s while a session was being made", mstr_code_text(code));
    }
    mstr_session *session = NULL;
    code = pool->options.make(&session, pool->options.data, error);
    gate_leave(&pool->making);
    if (code == MSTR_OK && session == NULL) {
        code = error_set(error, MSTR_E_USAGE, "the pool's callback made no session");
    }
    pthread_mutex_lock(&pool->mutex);
    place->session = session;
    pthread_mutex_unlock(&pool->mutex);
    return code;
}

/* Whether a session that was idle for long is still known to the server, or could be renewed. */
static void check(const mstr_pool *pool, const struct place *place, const struct limits *limits)
{
    const mstr_call_options call = limits_call(limits);
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_response *response = NULL;
    if (!mstr_session_is_open(place->session) || clock_monotonic() - place->returned < pool->options.check_after) {
        return;
    }
    request.method = "PUT";
    request.path = "sessions";
    request.project = "";
    request.call = &call;
    if (mstr_session_send(place->session, &request, &response, NULL) == MSTR_E_SESSION) {
        mstr_session_forget(place->session);
    }
    mstr_response_free(response);
}

enum mstr_code mstr_pool_lease(mstr_pool *pool, const mstr_call_options *call, mstr_session **out, mstr_error *error)
{
    struct place *place = NULL;
    *out = NULL;
    if (given_call(call, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    const struct limits limits = limits_of(call);
    enum mstr_code code = take_place(pool, &limits, &place, error);
    if (code != MSTR_OK) {
        return code;
    }
    if (place->session == NULL) {
        code = make(pool, place, &limits, error);
    } else {
        check(pool, place, &limits);
    }
    if (code == MSTR_OK) {
        const mstr_call_options rest = limits_call(&limits);
        code = mstr_session_open(place->session, &rest, error);
    }
    if (code == MSTR_OK) {
        *out = place->session;
    } else {
        give_place(pool, place);
    }
    return code;
}

void mstr_pool_return(mstr_pool *pool, mstr_session *session)
{
    struct place *place = NULL;
    if (session == NULL) {
        return;
    }
    pthread_mutex_lock(&pool->mutex);
    for (size_t i = 0; i < pool->options.capacity; i++) {
        struct place *candidate = &pool->places[i];
        place = candidate->session == session && candidate->leased ? candidate : place;
    }
    bool draining = pool->draining;
    pthread_mutex_unlock(&pool->mutex);
    if (place != NULL) {
        if (draining) {
            mstr_session_close(session, NULL);
        }
        give_place(pool, place);
    }
}

enum mstr_code mstr_pool_drain(mstr_pool *pool, const mstr_call_options *call, mstr_error *error)
{
    if (given_call(call, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    const struct limits limits = limits_of(call);
    enum mstr_code code = MSTR_OK;
    pthread_mutex_lock(&pool->mutex);
    pool->draining = true;
    pthread_cond_broadcast(&pool->changed);
    while (code == MSTR_OK && pool->leased > 0) {
        code = limits_wait(&pool->changed, &pool->mutex, &limits);
    }
    pthread_mutex_unlock(&pool->mutex);
    if (code != MSTR_OK) {
        error_set(error, code, "%s while sessions of the pool were leased", mstr_code_text(code));
    }
    for (size_t i = 0; i < pool->options.capacity; i++) {
        struct place *place = &pool->places[i];
        pthread_mutex_lock(&pool->mutex);
        mstr_session *idle = place->leased ? NULL : place->session;
        pthread_mutex_unlock(&pool->mutex);
        enum mstr_code closed = idle != NULL ? mstr_session_close(idle, code == MSTR_OK ? error : NULL) : MSTR_OK;
        code = code == MSTR_OK ? closed : code;
    }
    return code;
}
