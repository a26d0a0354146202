/* SPDX-License-Identifier: Apache-2.0 */
/* A cache that keeps nothing and writes down what it is asked. */
#include "support/cache_double.h"

#include "support/unit.h"

#include "base/text.h"
#include "secret/secret.h"

#include <stdlib.h>

static struct cache_double *double_of(struct cache *cache)
{
    return (struct cache_double *)(void *)cache;
}

static void give(struct cache_claim *claim, const struct cache_script *script, enum cache_answer answer,
                 mstr_error *error)
{
    claim->answer = answer;
    claim->code = answer == CACHE_FAILED ? script->code : MSTR_OK;
    if (answer == CACHE_VALUE) {
        const struct secret_facts facts = {.source = SECRET_FROM_CACHE};
        claim->secret = secret_make(script->value, strlen(script->value), &facts);
        claim->fresh_until = script->fresh_until;
    } else if (answer == CACHE_FAILED) {
        error_set(error, script->code, "told by the cache");
    }
}

static struct cache_script *find_script(struct cache_double *cache, const char *key)
{
    for (size_t i = 0; i < CACHE_DOUBLE_MOST; i++) {
        struct cache_script *script = &cache->scripts[i];
        if (script->key != NULL && !script->used && strcmp(script->key, key) == 0) {
            return script;
        }
    }
    return NULL;
}

static struct cache_flight *find_flight(struct cache_double *cache, const char *key)
{
    for (size_t i = 0; i < cache->flight_count; i++) {
        struct cache_flight *flight = &cache->flights[i];
        if (flight->script == NULL && !flight->done && strcmp(flight->key, key) == 0) {
            return flight;
        }
    }
    return NULL;
}

static struct cache_flight *add_flight(struct cache_double *cache, const char *key, const struct cache_script *script)
{
    assert_in_range(cache->flight_count, 0, CACHE_DOUBLE_MOST - 1);
    struct cache_flight *flight = &cache->flights[cache->flight_count++];
    *flight = (struct cache_flight){.key = text_copy(key), .script = script, .error = mstr_error_new()};
    return flight;
}

static void claim_key(struct cache *base, const char *key, bool refresh, struct cache_claim *claim, mstr_error *error)
{
    struct cache_double *cache = double_of(base);
    *claim = (struct cache_claim){.answer = CACHE_FETCH};
    pthread_mutex_lock(&cache->mutex);
    buffer_printf(&cache->record, "%s %s\n", refresh ? "refresh" : "claim", key);
    struct cache_script *script = find_script(cache, key);
    struct cache_flight *flight = find_flight(cache, key);
    if (script != NULL && !(refresh && script->answer == CACHE_VALUE)) {
        script->used = true;
        give(claim, script, script->answer, error);
        claim->fetch = script->answer == CACHE_WAIT ? add_flight(cache, key, script) : NULL;
    } else {
        claim->answer = flight != NULL ? CACHE_WAIT : CACHE_FETCH;
        claim->fetch = flight != NULL ? flight : add_flight(cache, key, NULL);
    }
    pthread_mutex_unlock(&cache->mutex);
}

/* What a fetch gave, to one who fetched or waited. */
static void answer_of(const struct cache_flight *flight, struct cache_claim *claim, mstr_error *error)
{
    claim->secret = mstr_secret_retain(flight->secret);
    claim->answer = flight->secret != NULL ? CACHE_VALUE : CACHE_FAILED;
    claim->code = flight->code;
    if (flight->secret == NULL) {
        error_copy(error, flight->error);
    }
    claim->fetch = NULL;
}

/* Nobody waits in earnest: either the test says how it ends, or the caller has fetched it himself before. */
static void await(struct cache *base, struct cache_claim *claim, const struct limits *limits, mstr_error *error)
{
    struct cache_double *cache = double_of(base);
    const struct cache_flight *flight = claim->fetch;
    assert_non_null(limits);
    pthread_mutex_lock(&cache->mutex);
    buffer_printf(&cache->record, "wait %s\n", flight->key);
    if (flight->script != NULL) {
        give(claim, flight->script, flight->script->after, error);
    } else {
        assert_true(flight->done);
        answer_of(flight, claim, error);
    }
    claim->fetch = NULL;
    pthread_mutex_unlock(&cache->mutex);
}

static void publish(struct cache *base, struct cache_claim *claim, const struct cache_result *result,
                    mstr_error *error)
{
    struct cache_double *cache = double_of(base);
    struct cache_flight *flight = claim->fetch;
    const char *outcome = result->gave_up          ? "given up"
                          : result->secret == NULL ? "failed"
                          : result->keep           ? "kept"
                                                   : "fleeting";
    pthread_mutex_lock(&cache->mutex);
    assert_false(flight->done);
    buffer_printf(&cache->record, "publish %s %s\n", flight->key, outcome);
    flight->done = true;
    flight->code = result->code;
    flight->secret = mstr_secret_retain(result->secret);
    error_copy(flight->error, result->error);
    answer_of(flight, claim, error);
    pthread_mutex_unlock(&cache->mutex);
}

static void invalidate(struct cache *base, const char *key)
{
    struct cache_double *cache = double_of(base);
    pthread_mutex_lock(&cache->mutex);
    buffer_printf(&cache->record, "forget %s\n", key != NULL ? key : "everything");
    pthread_mutex_unlock(&cache->mutex);
}

void cache_double_init(struct cache_double *cache)
{
    static const struct cache_operations operations = {claim_key, await, publish, invalidate};
    *cache = (struct cache_double){.cache = {&operations}};
    pthread_mutex_init(&cache->mutex, NULL);
}

void cache_double_release(struct cache_double *cache)
{
    for (size_t i = 0; i < cache->flight_count; i++) {
        free(cache->flights[i].key);
        mstr_secret_release(cache->flights[i].secret);
        mstr_error_free(cache->flights[i].error);
    }
    buffer_release(&cache->record);
    pthread_mutex_destroy(&cache->mutex);
}

const char *cache_double_record(struct cache_double *cache)
{
    return buffer_text(&cache->record);
}
