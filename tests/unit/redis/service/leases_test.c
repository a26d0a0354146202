/* SPDX-License-Identifier: Apache-2.0 */
/* providers/redis/service/leases.c: answers that make no sense; the rest is tried with a real server. */
#include "support/redis_store.h"

static void an_answer_that_is_no_outcome_is_refused(void **state)
{
    static const char *const answers[] = {"+OK\r\n",
                                          "*4\r\n:9\r\n:1\r\n:1\r\n:1\r\n",
                                          "*4\r\n:0\r\n$1\r\na\r\n:1\r\n:1\r\n",
                                          "*1\r\n:0\r\n",
                                          "$1\r\n0\r\n",
                                          NULL};
    struct resp_peer *peer = resp_peer_start(answers, NULL);
    void *self = redis_open_at("redis://127.0.0.1:%u", resp_peer_port(peer));
    struct mstr_store_lease lease = redis_lease(TOKEN_A, 0);
    enum mstr_store_outcome outcome;
    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_failed(redis->acquire(self, &lease, live_call(PATIENT), redis_error), MSTR_E_PROTOCOL, "no sense",
                      NULL, NULL);
    }
    assert_failed(redis->renew(self, &slot, TOKEN_A, 1, &outcome, live_call(PATIENT), redis_error), MSTR_E_PROTOCOL,
                  "no sense", NULL, NULL);
    assert_failed(redis->renew(self, &slot, TOKEN_A, 0, &outcome, live_call(PATIENT), redis_error), MSTR_E_USAGE,
                  "not above 0", NULL, NULL);
    redis->destroy(self);
    resp_peer_stop(peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_answer_that_is_no_outcome_is_refused, redis_setup, redis_teardown)};
    return RUN_TESTS("redis/service/leases");
}
