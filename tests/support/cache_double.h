/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cache that keeps nothing and writes down what it is asked, for tests of what stands on resolve/cache.h. Whoever
 * claims a key is told to fetch it, or to wait where a fetch of it is under way; what another caller holds or does is
 * what the test says. Thread-safe.
 */
#ifndef MSTR_TESTS_SUPPORT_CACHE_DOUBLE_H
#define MSTR_TESTS_SUPPORT_CACHE_DOUBLE_H

#include "base/buffer.h"
#include "resolve/cache.h"

#include <pthread.h>

enum { CACHE_DOUBLE_MOST = 16 };

/* What somebody else has done, or does, about a key. */
struct cache_script {
    const char *key;
    enum cache_answer answer; /* to the next claim of the key, once: CACHE_VALUE, CACHE_FAILED or CACHE_WAIT */
    enum cache_answer after;  /* how a wait ends: CACHE_VALUE, CACHE_FAILED or CACHE_AGAIN */
    const char *value;
    enum mstr_code code; /* of CACHE_FAILED; its message is "told by the cache" */
    int64_t fresh_until;
    bool used;
};

/* A fetch that was left to a caller, and what came of it. */
struct cache_flight {
    char *key;
    const struct cache_script *script; /* somebody else's, or NULL */
    bool done;
    enum mstr_code code;
    mstr_secret *secret;
    mstr_error *error;
};

struct cache_double {
    struct cache cache; /* first */
    pthread_mutex_t mutex;
    struct cache_script scripts[CACHE_DOUBLE_MOST]; /* set by the test; unused ones have no key */
    struct cache_flight flights[CACHE_DOUBLE_MOST];
    size_t flight_count;
    /* One line an event: "claim KEY", "refresh KEY", "wait KEY", "publish KEY OUTCOME", "forget KEY", where the
     * outcome is "kept", "fleeting" (the value must not be kept), "failed" or "given up". */
    struct buffer record;
};

void cache_double_init(struct cache_double *cache);
void cache_double_release(struct cache_double *cache);
const char *cache_double_record(struct cache_double *cache);

#endif
