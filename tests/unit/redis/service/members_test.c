/* SPDX-License-Identifier: Apache-2.0 */
/* providers/redis/service/members.c: what is asked; the rest is tried with a real server. */
#include "support/redis_store.h"

static void a_member_has_a_name_and_a_time(void **state)
{
    static const char *const answers[] = {"+OK\r\n", "*3\r\n:3\r\n:7\r\n:9\r\n", "*3\r\n:-1\r\n:7\r\n:9\r\n", NULL};
    struct resp_peer *peer = resp_peer_start(answers, NULL);
    void *self = redis_open_at("redis://127.0.0.1:%u", resp_peer_port(peer));
    struct mstr_store_beat beat = {
        .size = sizeof(beat), .key = {"g", "hb"}, .member = "w", .keep = 5, .watched = "s.0"};
    (void)state;
    assert_done(redis->beat(self, &beat, live_call(PATIENT), redis_error));
    assert_int_equal(beat.members, 3);
    assert_int_equal(beat.fence, 7);
    assert_int_equal(beat.now, 9);
    assert_contains(resp_peer_heard(peer), " 2 mstr:{g}:hb/members mstr:{g}:s.0 w 5\n");
    assert_failed(redis->leave(self, &beat, live_call(PATIENT), redis_error), MSTR_E_PROTOCOL, "no sense", NULL,
                  NULL);
    beat.keep = 0;
    assert_failed(redis->beat(self, &beat, live_call(PATIENT), redis_error), MSTR_E_USAGE, "not above 0", NULL, NULL);
    beat.keep = 5;
    beat.member = "01234567890123456789012345678901234567890123456789012345678901234";
    assert_failed(redis->beat(self, &beat, live_call(PATIENT), redis_error), MSTR_E_USAGE, "over 64", NULL, NULL);
    redis->destroy(self);
    resp_peer_stop(peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_member_has_a_name_and_a_time, redis_setup, redis_teardown)};
    return RUN_TESTS("redis/service/members");
}
