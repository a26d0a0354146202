/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Redis store through its table on the live host, as a fleet would call it.
 */
#ifndef MSTR_TESTS_SUPPORT_REDIS_STORE_H
#define MSTR_TESTS_SUPPORT_REDIS_STORE_H

#include "support/live_host.h"
#include "support/redis_server.h"
#include "support/resp_peer.h"

#include <mstr/store.h>
#include <stdio.h>
#include <stdlib.h>

/* ms that nothing here takes, however slow the machine is. */
enum { PATIENT = 60000 };

#define TOKEN_A "0123456789abcdef0123456789abcdef"
#define TOKEN_B "fedcba9876543210fedcba9876543210"

static const struct mstr_store *redis;
static struct mstr_error *redis_error;

/* Fixtures of each test. */
static inline int redis_setup(void **state)
{
    live_host_setup(state);
    redis = mstr_store_entry(&live_table);
    redis_error = host->error_new();
    return 0;
}

static inline int redis_teardown(void **state)
{
    host->error_free(redis_error);
    return fake_host_teardown(state);
}

/* A store of that URL and of the options that are set. */
static inline void *redis_open(const char *url)
{
    void *self = NULL;
    fake_host_option("url", url);
    if (redis->create(fake_host_instance(NULL), &self, redis_error) != MSTR_OK) {
        fail_msg("%s: %s", url, host->error_message(redis_error));
    }
    return self;
}

/* One that leads to a port of this machine; `form` has a %u for it. */
static inline void *redis_open_at(const char *form, unsigned port)
{
    char url[200];
    const char *at = strstr(form, "%u");
    snprintf(url, sizeof(url), "%.*s%u%s", (int)(at - form), form, port, at + 2);
    return redis_open(url);
}

static inline void assert_done(enum mstr_code code)
{
    if (code != MSTR_OK) {
        fail_msg("%d: %s", (int)code, host->error_message(redis_error));
    }
}

/* That a call failed so, and what was told. NULL = whatever. */
static inline void assert_failed(enum mstr_code code, enum mstr_code wanted, const char *part, const char *word,
                                 const char *hint)
{
    if (code != wanted) {
        fail_msg("%d in place of %d: %s", (int)code, (int)wanted, host->error_message(redis_error));
    }
    assert_int_equal(host->error_code(redis_error), wanted);
    assert_contains(host->error_message(redis_error), part != NULL ? part : "");
    if (word != NULL) {
        assert_string_equal(host->error_text(redis_error, MSTR_DETAIL_SERVICE_CODE), word);
    }
    if (hint != NULL) {
        assert_contains(host->error_text(redis_error, MSTR_DETAIL_HINT), hint);
    }
}

static const struct mstr_store_key slot = {"g", "s.0"};

static inline enum mstr_code redis_time(void *self)
{
    int64_t now = 0;
    return redis->time(self, &now, live_call(PATIENT), redis_error);
}

static inline struct mstr_store_lease redis_lease(const char *token, int64_t known)
{
    return (struct mstr_store_lease){
        .size = sizeof(struct mstr_store_lease), .key = slot, .token = token, .duration = PATIENT, .known = known};
}

static inline struct mstr_store_put redis_record(const char *token, int64_t fence, const char *text)
{
    return (struct mstr_store_put){.size = sizeof(struct mstr_store_put),
                                   .key = slot,
                                   .lease = slot.name,
                                   .token = token,
                                   .fence = fence,
                                   .octets = text,
                                   .length = strlen(text),
                                   .keep = PATIENT};
}

#endif
