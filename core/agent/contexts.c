/* SPDX-License-Identifier: Apache-2.0 */
/* The context that answers at present, and its exchange at a reload. */
#include "contexts.h"

#include <pthread.h>
#include <stdlib.h>

struct contexts {
    mstr_context_options options;
    const struct given *given;
    pthread_mutex_t reloading; /* one at a time, so that each replaces the one before it */
    pthread_mutex_t mutex;
    struct workers *workers;
    struct generation *present;
};

static void end(void *data)
{
    struct generation *generation = data;
    mstr_context_free(generation->context);
    agent_settings_release(&generation->settings);
    free(generation);
}

static enum mstr_code make(const struct contexts *contexts, unsigned number, struct generation **out,
                           mstr_error *error)
{
    struct generation *generation = calloc(1, sizeof(*generation));
    if (generation == NULL) {
        return mstr_error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    *generation = (struct generation){.number = number, .holders = 1, .end = {.run = end, .data = generation}};
    enum mstr_code code = mstr_context_new(&contexts->options, &generation->context, error);
    if (code == MSTR_OK) {
        code = agent_settings_read(generation->context, contexts->given, &generation->settings, error);
    }
    if (code != MSTR_OK) {
        end(generation);
        return code;
    }
    *out = generation;
    return MSTR_OK;
}

enum mstr_code contexts_new(const mstr_context_options *options, const struct given *given, struct contexts **out,
                            mstr_error *error)
{
    struct contexts *contexts = calloc(1, sizeof(*contexts));
    *out = NULL;
    if (contexts == NULL) {
        return mstr_error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    contexts->options = *options;
    contexts->given = given;
    enum mstr_code code = make(contexts, 1, &contexts->present, error);
    if (code != MSTR_OK) {
        free(contexts);
        return code;
    }
    pthread_mutex_init(&contexts->reloading, NULL);
    pthread_mutex_init(&contexts->mutex, NULL);
    *out = contexts;
    return MSTR_OK;
}

struct generation *contexts_hold(struct contexts *contexts)
{
    pthread_mutex_lock(&contexts->mutex);
    struct generation *generation = contexts->present;
    generation->holders++;
    pthread_mutex_unlock(&contexts->mutex);
    return generation;
}

struct generation *contexts_hold_too(struct contexts *contexts, struct generation *generation)
{
    pthread_mutex_lock(&contexts->mutex);
    generation->holders++;
    pthread_mutex_unlock(&contexts->mutex);
    return generation;
}

void contexts_let_go(struct contexts *contexts, struct generation *generation)
{
    if (generation == NULL) {
        return;
    }
    pthread_mutex_lock(&contexts->mutex);
    bool last = --generation->holders == 0;
    bool elsewhere = last && contexts->workers != NULL && workers_put(contexts->workers, &generation->end);
    pthread_mutex_unlock(&contexts->mutex);
    if (last && !elsewhere) {
        end(generation);
    }
}

void contexts_end_on(struct contexts *contexts, struct workers *workers)
{
    pthread_mutex_lock(&contexts->mutex);
    contexts->workers = workers;
    pthread_mutex_unlock(&contexts->mutex);
}

enum mstr_code contexts_reload(struct contexts *contexts, void (*before)(void *data, struct generation *next),
                               void *data, mstr_error *error)
{
    struct generation *next = NULL;
    struct generation *old = NULL;
    pthread_mutex_lock(&contexts->reloading);
    enum mstr_code code = make(contexts, contexts->present->number + 1, &next, error);
    if (code == MSTR_OK) {
        context_agent_inherit(next->context, contexts->present->context); /* while nobody uses it */
        before(data, next);
        pthread_mutex_lock(&contexts->mutex);
        old = contexts->present;
        contexts->present = next;
        pthread_mutex_unlock(&contexts->mutex);
    }
    pthread_mutex_unlock(&contexts->reloading);
    contexts_let_go(contexts, old);
    return code;
}

void contexts_free(struct contexts *contexts)
{
    if (contexts != NULL) {
        contexts_let_go(contexts, contexts->present);
        pthread_mutex_destroy(&contexts->mutex);
        pthread_mutex_destroy(&contexts->reloading);
        free(contexts);
    }
}
