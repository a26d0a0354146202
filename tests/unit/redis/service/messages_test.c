/* SPDX-License-Identifier: Apache-2.0 */
/* providers/redis/service/messages.c: a store that falls silent; the rest is tried with a real server. */
#include "support/redis_store.h"

static _Atomic int64_t ahead; /* ms by which the clock was moved on */

static int64_t later(void)
{
    return clock_monotonic() + ahead;
}

static void a_store_that_falls_silent_is_asked_and_given_up(void **state)
{
    static const char *const answers[] = {
        "+OK\r\n", "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n",
        "*2\r\n$4\r\npong\r\n$0\r\n\r\n*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\nhi\r\n", PEER_SILENCE, NULL};
    struct resp_peer *peer = resp_peer_start(answers, NULL);
    void *self = redis_open_at("redis://127.0.0.1:%u", resp_peer_port(peer));
    void *subscription = NULL;
    char text[16];
    struct mstr_store_message message = {.size = sizeof(message), .text = text, .capacity = sizeof(text)};
    (void)state;
    ahead = 0;
    live_table.monotonic = later;
    assert_done(redis->subscribe(self, &slot, &subscription, live_call(PATIENT), redis_error));
    assert_int_equal(redis->next(self, subscription, &message, live_call(20), redis_error), MSTR_E_TIMEOUT);
    assert_null(strstr(resp_peer_heard(peer), "PING"));
    ahead = 15001;
    assert_done(redis->next(self, subscription, &message, live_call(PATIENT), redis_error));
    assert_string_equal(text, "hi");
    assert_contains(resp_peer_heard(peer), "SUBSCRIBE mstr:{g}:s.0\nPING\n");
    ahead += 45001;
    assert_failed(redis->next(self, subscription, &message, live_call(PATIENT), redis_error), MSTR_E_NETWORK,
                  "silent", NULL, NULL);
    redis->unsubscribe(self, subscription);
    redis->destroy(self);
    resp_peer_stop(peer);
}

static void a_refused_subscription_is_told(void **state)
{
    static const char *const answers[] = {"+OK\r\n", "-NOPERM c\r\n", "+OK\r\n", ":1\r\n", NULL};
    static const struct mstr_store_key odd = {"g", "a b"};
    struct resp_peer *peer = resp_peer_start(answers, NULL);
    void *self = redis_open_at("redis://127.0.0.1:%u", resp_peer_port(peer));
    void *subscription = NULL;
    (void)state;
    assert_failed(redis->subscribe(self, &slot, &subscription, live_call(PATIENT), redis_error), MSTR_E_DENIED,
                  "NOPERM", "NOPERM", NULL);
    assert_failed(redis->subscribe(self, &slot, &subscription, live_call(PATIENT), redis_error), MSTR_E_PROTOCOL,
                  "no sense", NULL, NULL);
    assert_failed(redis->subscribe(self, &odd, &subscription, live_call(PATIENT), redis_error), MSTR_E_USAGE, "key",
                  NULL, NULL);
    assert_failed(redis->publish(self, &odd, "m", live_call(PATIENT), redis_error), MSTR_E_USAGE, "key", NULL, NULL);
    assert_null(subscription);
    redis->destroy(self);
    resp_peer_stop(peer);
}

#define REDIS_TEST(test) cmocka_unit_test_setup_teardown(test, redis_setup, redis_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        REDIS_TEST(a_store_that_falls_silent_is_asked_and_given_up),
        REDIS_TEST(a_refused_subscription_is_told),
    };
    return RUN_TESTS("redis/service/messages");
}
