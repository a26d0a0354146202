/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of the Redis store at a real redis-server, each as a test has it at heart. */
#ifndef MSTR_TESTS_INTEGRATION_REDIS_CALLS_H
#define MSTR_TESTS_INTEGRATION_REDIS_CALLS_H

#include "support/redis_store.h"

static struct redis_server server;
static char octets[MSTR_STORE_RECORD_MAX];

static inline void *open_store(void)
{
    char url[100];
    snprintf(url, sizeof(url), "unix://%s", server.socket);
    redis_server_tell(&server, "FLUSHALL");
    return redis_open(url);
}

static inline int64_t acquire(void *self, const char *token, int64_t known)
{
    struct mstr_store_lease lease = redis_lease(token, known);
    assert_done(redis->acquire(self, &lease, live_call(PATIENT), redis_error));
    assert_int_equal(lease.outcome, MSTR_STORE_DONE);
    assert_int_equal(lease.left, 0);
    return lease.fence;
}

static inline enum mstr_store_outcome try_acquire(void *self, const char *token, int64_t known)
{
    struct mstr_store_lease lease = redis_lease(token, known);
    assert_done(redis->acquire(self, &lease, live_call(PATIENT), redis_error));
    return lease.outcome;
}

static inline enum mstr_store_outcome put(void *self, const char *token, int64_t fence, const char *text,
                                          uint32_t flags)
{
    struct mstr_store_put record = redis_record(token, fence, text);
    record.flags = flags;
    assert_done(redis->put(self, &record, live_call(PATIENT), redis_error));
    return record.outcome;
}

static inline struct mstr_store_get get(void *self)
{
    struct mstr_store_get get = {.size = sizeof(get), .key = slot, .octets = octets};
    assert_done(redis->get(self, &get, live_call(PATIENT), redis_error));
    return get;
}

/* Everything that a fleet asks. */
static inline void try_all(void *self)
{
    struct mstr_store_beat beat = {.size = sizeof(beat), .key = {"g", "hb"}, .member = "w", .keep = PATIENT};
    enum mstr_store_outcome outcome;
    void *subscription = NULL;
    int64_t fence = acquire(self, TOKEN_A, 0);
    struct mstr_store_put record = redis_record(TOKEN_A, fence, "a");
    record.channel = "c";
    record.message = "m";
    record.flags = MSTR_STORE_RELEASE;
    assert_done(redis->put(self, &record, live_call(PATIENT), redis_error));
    assert_int_equal(get(self).fence, fence);
    assert_done(redis->extend(self, &slot, fence, PATIENT, &outcome, live_call(PATIENT), redis_error));
    assert_done(redis->remove(self, &slot, fence, &outcome, live_call(PATIENT), redis_error));
    assert_done(redis->renew(self, &slot, TOKEN_A, PATIENT, &outcome, live_call(PATIENT), redis_error));
    assert_done(redis->release(self, &slot, TOKEN_A, &outcome, live_call(PATIENT), redis_error));
    assert_done(redis->beat(self, &beat, live_call(PATIENT), redis_error));
    assert_done(redis->leave(self, &beat, live_call(PATIENT), redis_error));
    assert_done(redis->publish(self, &slot, "m", live_call(PATIENT), redis_error));
    assert_done(redis->subscribe(self, &slot, &subscription, live_call(PATIENT), redis_error));
    redis->unsubscribe(self, subscription);
    assert_done(redis_time(self));
}

#endif
