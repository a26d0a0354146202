/* SPDX-License-Identifier: Apache-2.0 */
/* providers/redis/service/explain.c: a replica, and what else is wrong on the way; the rest is tried with a real
 * server. */
#include "support/redis_store.h"

static void the_first_failure_ends_the_walk(void **state)
{
    static const char *const answers[] = {"+OK\r\n", "*2\r\n$1\r\n5\r\n$1\r\n0\r\n", "*1\r\n$5\r\nslave\r\n", NULL};
    struct resp_peer *peer = resp_peer_start(answers, NULL);
    void *self = redis_open_at("redis://127.0.0.1:%u", resp_peer_port(peer));
    (void)state;
    assert_failed(redis->explain(self, fake_host_report_object(), live_call(PATIENT), redis_error),
                  MSTR_E_UNAVAILABLE, "replica", NULL, "primary");
    assert_contains(fake_host_report(), "used connection: 127.0.0.1:");
    assert_contains(fake_host_report(),
                    "used authentication: user default, without a password\nfailed role: this server is a replica");
    redis->destroy(self);
    resp_peer_stop(peer);
    self = redis_open("unix:///nonexistent/redis");
    assert_failed(redis->explain(self, fake_host_report_object(), live_call(PATIENT), redis_error), MSTR_E_NETWORK,
                  "cannot connect", NULL, NULL);
    assert_contains(fake_host_report(), "failed connection: cannot connect to the store at /nonexistent/redis");
    redis->destroy(self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_first_failure_ends_the_walk, redis_setup, redis_teardown)};
    return RUN_TESTS("redis/service/explain");
}
