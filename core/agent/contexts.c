/* SPDX-License-Identifier: Apache-2.0 */
/* The context that answers at present, and its exchange at a reload. */
#include "contexts.h"

#include <pthread.h>
#include <stdlib.h>

struct contexts {
    mstr_context_options options;
    const struct given *given;
    pthread_mutex_t reloading; /* one at a time: the next would free what this one still hands on */
    pthread_mutex_t mutex;
    pthread_cond_t let_go;
    struct generation *present;
};

static void generation_free(struct generation *generation)
{
    if (generation != NULL) {
        mstr_context_free(generation->context);
        agent_settings_release(&generation->settings);
        free(generation);
    }
}

static enum mstr_code make(const struct contexts *contexts, struct generation **out, mstr_error *error)
{
    struct generation *generation = calloc(1, sizeof(*generation));
    if (generation == NULL) {
        return mstr_error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    enum mstr_code code = mstr_context_new(&contexts->options, &generation->context, error);
    if (code == MSTR_OK) {
        code = agent_settings_read(generation->context, contexts->given, &generation->settings, error);
    }
    if (code != MSTR_OK) {
        generation_free(generation);
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
    enum mstr_code code = make(contexts, &contexts->present, error);
    if (code != MSTR_OK) {
        free(contexts);
        return code;
    }
    pthread_mutex_init(&contexts->reloading, NULL);
    pthread_mutex_init(&contexts->mutex, NULL);
    pthread_cond_init(&contexts->let_go, NULL);
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
    if (--generation->holders == 0) {
        pthread_cond_broadcast(&contexts->let_go);
    }
    pthread_mutex_unlock(&contexts->mutex);
}

enum mstr_code contexts_reload(struct contexts *contexts, struct generation **old, mstr_error *error)
{
    struct generation *next = NULL;
    pthread_mutex_lock(&contexts->reloading);
    enum mstr_code code = make(contexts, &next, error);
    if (code == MSTR_OK) {
        pthread_mutex_lock(&contexts->mutex);
        *old = contexts->present;
        contexts->present = next;
        (*old)->replaced = true;
        pthread_mutex_unlock(&contexts->mutex);
        context_agent_inherit(next->context, (*old)->context);
    }
    pthread_mutex_unlock(&contexts->reloading);
    return code;
}

void contexts_retire(struct contexts *contexts, struct generation *old)
{
    pthread_mutex_lock(&contexts->mutex);
    while (old->holders > 0) {
        pthread_cond_wait(&contexts->let_go, &contexts->mutex);
    }
    pthread_mutex_unlock(&contexts->mutex);
    generation_free(old);
}

void contexts_free(struct contexts *contexts)
{
    if (contexts != NULL) {
        generation_free(contexts->present);
        pthread_cond_destroy(&contexts->let_go);
        pthread_mutex_destroy(&contexts->mutex);
        pthread_mutex_destroy(&contexts->reloading);
        free(contexts);
    }
}
