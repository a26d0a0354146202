/* SPDX-License-Identifier: Apache-2.0 */
/* providers/redis/service/exchange.c: what is sent again, and where to. */
#include "support/redis_store.h"

#define NOW "*2\r\n$1\r\n5\r\n$1\r\n0\r\n"

static void *at(const struct resp_peer *peer)
{
    return redis_open_at("redis://127.0.0.1:%u", resp_peer_port(peer));
}

static void what_passes_is_asked_again_a_few_times(void **state)
{
    static const char *const passing[] = {"+OK\r\n", "-LOADING l\r\n", "-BUSY b\r\n", NOW, NULL};
    static const char *const lasting[] = {"+OK\r\n", "-LOADING l\r\n", NULL};
    (void)state;
    struct resp_peer *peer = resp_peer_start(passing, NULL);
    void *self = at(peer);
    assert_done(redis_time(self));
    redis->destroy(self);
    resp_peer_stop(peer);

    peer = resp_peer_start(lasting, NULL);
    self = at(peer);
    assert_failed(redis_time(self), MSTR_E_UNAVAILABLE, "LOADING", "LOADING", NULL);
    assert_string_equal(resp_peer_heard(peer), "CLIENT SETNAME libmstr\nTIME\nTIME\nTIME\nTIME\n");
    int64_t now = 0;
    assert_failed(redis->time(self, &now, live_call(15), redis_error), MSTR_E_UNAVAILABLE, "LOADING", NULL, NULL);
    redis->destroy(self);
    resp_peer_stop(peer);
}

static void what_may_have_been_done_is_not_sent_twice(void **state)
{
    static const char *const answers[] = {"+OK\r\n", NOW, PEER_CLOSE, "+OK\r\n", NOW, PEER_CLOSE, NULL};
    struct resp_peer *peer = resp_peer_start(answers, NULL);
    struct mstr_store_put record = redis_record(TOKEN_A, 7, "a");
    void *self = at(peer);
    (void)state;
    assert_done(redis_time(self));
    assert_done(redis_time(self)); /* whose resting connection ended: another one */
    assert_failed(redis->put(self, &record, live_call(PATIENT), redis_error), MSTR_E_NETWORK, "closed", NULL, NULL);
    assert_int_equal(resp_peer_connections(peer), 2);
    redis->destroy(self);
    resp_peer_stop(peer);
}

static void a_script_that_is_not_known_is_sent_whole_once(void **state)
{
    static const char *const answers[] = {"+OK\r\n", "-NOSCRIPT n\r\n", ":0\r\n", "-NOSCRIPT n\r\n", NULL};
    struct resp_peer *peer = resp_peer_start(answers, NULL);
    struct mstr_store_put record = redis_record(TOKEN_A, 7, "a");
    void *self = at(peer);
    (void)state;
    assert_done(redis->put(self, &record, live_call(PATIENT), redis_error));
    assert_contains(resp_peer_heard(peer), "\nEVALSHA ");
    assert_contains(resp_peer_heard(peer), "\nEVAL local call");
    assert_failed(redis->put(self, &record, live_call(PATIENT), redis_error), MSTR_E_PROTOCOL, "NOSCRIPT", NULL,
                  NULL);
    redis->destroy(self);
    resp_peer_stop(peer);
}

static void servers_of_a_cluster_send_us_on(void **state)
{
    static const char *const answers[] = {"+OK\r\n", "+OK\r\n", NOW, NULL};
    char moved[64];
    char ask[64];
    (void)state;
    struct resp_peer *other = resp_peer_start(answers, NULL);
    snprintf(moved, sizeof(moved), "-MOVED 1 127.0.0.1:%u\r\n", resp_peer_port(other));
    snprintf(ask, sizeof(ask), "-ASK 1 :%u\r\n", resp_peer_port(other));
    const char *const first[] = {"+OK\r\n", ask, moved, NULL};
    struct resp_peer *peer = resp_peer_start(first, NULL);
    void *self = at(peer);
    assert_done(redis_time(self));
    assert_string_equal(resp_peer_heard(other), "CLIENT SETNAME libmstr\nASKING\nTIME\n");
    assert_done(redis_time(self));
    assert_string_equal(resp_peer_heard(other), "CLIENT SETNAME libmstr\nASKING\nTIME\nTIME\n");
    assert_int_equal(resp_peer_connections(other), 1);
    redis->destroy(self);
    resp_peer_stop(peer);
    resp_peer_stop(other);
}

static void redirects_go_on_for_five_times_and_not_to_where_others_listen(void **state)
{
    static const char *const abroad[] = {"+OK\r\n", "-MOVED 1 192.0.2.1:1\r\n", NULL};
    static const char *const nowhere[] = {"+OK\r\n", "-MOVED 1\r\n", NULL};
    char moved[64];
    (void)state;
    const char *answers[] = {"+OK\r\n", moved, NULL};
    struct resp_peer *peer = resp_peer_start(answers, NULL);
    snprintf(moved, sizeof(moved), "-MOVED 1 :%u\r\n", resp_peer_port(peer));
    void *self = at(peer);
    assert_failed(redis_time(self), MSTR_E_UNAVAILABLE, "MOVED", "MOVED", NULL);
    assert_string_equal(resp_peer_heard(peer), "CLIENT SETNAME libmstr\nTIME\nTIME\nTIME\nTIME\nTIME\nTIME\n");
    redis->destroy(self);
    resp_peer_stop(peer);

    peer = resp_peer_start(abroad, NULL);
    self = at(peer);
    assert_failed(redis_time(self), MSTR_E_CONFIG, "192.0.2.1:1 would be spoken to without TLS", NULL, "allow_plain");
    redis->destroy(self);
    resp_peer_stop(peer);
    peer = resp_peer_start(nowhere, NULL);
    self = at(peer);
    assert_failed(redis_time(self), MSTR_E_UNAVAILABLE, "MOVED", NULL, NULL);
    redis->destroy(self);
    resp_peer_stop(peer);
}

#define REDIS_TEST(test) cmocka_unit_test_setup_teardown(test, redis_setup, redis_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        REDIS_TEST(what_passes_is_asked_again_a_few_times),
        REDIS_TEST(what_may_have_been_done_is_not_sent_twice),
        REDIS_TEST(a_script_that_is_not_known_is_sent_whole_once),
        REDIS_TEST(servers_of_a_cluster_send_us_on),
        REDIS_TEST(redirects_go_on_for_five_times_and_not_to_where_others_listen),
    };
    return RUN_TESTS("redis/service/exchange");
}
