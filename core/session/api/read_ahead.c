/* SPDX-License-Identifier: Apache-2.0 */
/* Pages fetched ahead by a few threads. */
#include "session/api/read_ahead.h"

#include "base/condition.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/thread.h"

#include <stdlib.h>

struct place {
    bool done;
    enum mstr_code code;
    mstr_response *response;
    mstr_error *error;
};

struct read_ahead {
    struct read_ahead_range range; /* offset: of the page that a thread takes next */
    read_ahead_fetch fetch;
    void *data;
    mstr_cancel *cancel;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    size_t taken; /* pages that threads have begun with */
    size_t given; /* pages that the reader has had */
    bool ending;  /* of all work: the reader has had enough, or a page failed */
    size_t pages;
    size_t threads;
    pthread_t thread[READ_AHEAD_MAX];
    struct place places[READ_AHEAD_MAX]; /* page number n is at n % pages */
};

/* Waits for a page to begin with. False when there is none any more. The caller holds the mutex. */
static bool take(struct read_ahead *ahead, int64_t *offset, struct place **place)
{
    static const struct limits no_limits = {INT64_MAX, NULL};
    while (!ahead->ending && ahead->range.offset < ahead->range.end && ahead->taken - ahead->given == ahead->pages) {
        limits_wait(&ahead->changed, &ahead->mutex, &no_limits);
    }
    if (ahead->ending || ahead->range.offset >= ahead->range.end) {
        return false;
    }
    *offset = ahead->range.offset;
    *place = &ahead->places[ahead->taken++ % ahead->pages];
    ahead->range.offset += ahead->range.limit;
    return true;
}

static void *run(void *data)
{
    struct read_ahead *ahead = data;
    struct place *place = NULL;
    int64_t offset = 0;
    pthread_mutex_lock(&ahead->mutex);
    while (take(ahead, &offset, &place)) {
        pthread_mutex_unlock(&ahead->mutex);
        mstr_response *response = NULL;
        mstr_error_clear(place->error);
        enum mstr_code code =
            ahead->fetch(ahead->data, offset, ahead->range.limit, ahead->cancel, &response, place->error);
        pthread_mutex_lock(&ahead->mutex);
        place->response = response;
        place->code = code;
        place->done = true;
        ahead->ending |= code != MSTR_OK; /* what comes after a page that is missing is of no use */
        pthread_cond_broadcast(&ahead->changed);
    }
    pthread_mutex_unlock(&ahead->mutex);
    return NULL;
}

static bool make_places(struct read_ahead *ahead)
{
    for (size_t i = 0; i < ahead->pages; i++) {
        if ((ahead->places[i].error = mstr_error_new()) == NULL) {
            return false;
        }
    }
    return (ahead->cancel = mstr_cancel_new()) != NULL;
}

static void start(struct read_ahead *ahead)
{
    while (ahead->threads < ahead->pages && thread_start(&ahead->thread[ahead->threads], run, ahead)) {
        ahead->threads++;
    }
}

struct read_ahead *read_ahead_new(struct read_ahead_range range, size_t pages, read_ahead_fetch fetch, void *data)
{
    struct read_ahead *ahead = calloc(1, sizeof(*ahead));
    if (ahead == NULL || !condition_init(&ahead->changed)) {
        free(ahead);
        return NULL;
    }
    pthread_mutex_init(&ahead->mutex, NULL);
    ahead->range = range;
    ahead->pages = pages < READ_AHEAD_MAX ? pages : READ_AHEAD_MAX;
    ahead->fetch = fetch;
    ahead->data = data;
    if (make_places(ahead)) {
        start(ahead);
    }
    if (ahead->threads == 0) {
        read_ahead_free(ahead);
        return NULL;
    }
    return ahead;
}

void read_ahead_free(struct read_ahead *ahead)
{
    if (ahead == NULL) {
        return;
    }
    pthread_mutex_lock(&ahead->mutex);
    ahead->ending = true;
    pthread_cond_broadcast(&ahead->changed);
    pthread_mutex_unlock(&ahead->mutex);
    if (ahead->cancel != NULL) {
        mstr_cancel_now(ahead->cancel);
    }
    for (size_t i = 0; i < ahead->threads; i++) {
        pthread_join(ahead->thread[i], NULL);
    }
    for (size_t i = 0; i < ahead->pages; i++) {
        mstr_response_free(ahead->places[i].response);
        mstr_error_free(ahead->places[i].error);
    }
    mstr_cancel_free(ahead->cancel);
    pthread_cond_destroy(&ahead->changed);
    pthread_mutex_destroy(&ahead->mutex);
    free(ahead);
}

/* Whether the page that the reader wants is coming: a thread has begun with it, or will. */
static bool is_coming(const struct read_ahead *ahead)
{
    return ahead->given < ahead->taken || (!ahead->ending && ahead->range.offset < ahead->range.end);
}

bool read_ahead_next(struct read_ahead *ahead, const struct limits *limits, mstr_response **out, enum mstr_code *code,
                     mstr_error *error)
{
    struct place *place = &ahead->places[ahead->given % ahead->pages];
    enum mstr_code waited = limits_check(limits); /* also where the page has come already */
    *out = NULL;
    pthread_mutex_lock(&ahead->mutex);
    while (waited == MSTR_OK && is_coming(ahead) && !place->done) {
        waited = limits_wait(&ahead->changed, &ahead->mutex, limits);
    }
    bool coming = is_coming(ahead);
    if (!coming) {
        *code = MSTR_OK;
    } else if (waited != MSTR_OK) {
        *code = error_set(error, waited, "%s while a page was awaited", mstr_code_text(waited));
    } else {
        *out = place->response;
        *code = place->code;
        if (*code != MSTR_OK) {
            error_copy(error, place->error);
        }
        place->response = NULL;
        place->done = false;
        ahead->given++;
        pthread_cond_broadcast(&ahead->changed);
    }
    pthread_mutex_unlock(&ahead->mutex);
    return coming;
}
