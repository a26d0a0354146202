/* SPDX-License-Identifier: Apache-2.0 */
/* providers/redis/wire/connection.c: who we are goes out with the first command. */
#include "support/redis_store.h"

static void set_up_and_command_go_out_at_once(void **state)
{
    static const char *const answers[] = {"+OK\r\n", "+OK\r\n", "-ERR no names here\r\n",
                                          "*2\r\n$1\r\n5\r\n$4\r\n7000\r\n", NULL};
    struct resp_peer *peer = resp_peer_start(answers, NULL);
    int64_t now = 0;
    (void)state;
    fake_host_option("username", "ann");
    fake_host_option("password", "pw");
    void *self = redis_open_at("redis://127.0.0.1:%u/2", resp_peer_port(peer));
    assert_done(redis->time(self, &now, live_call(PATIENT), redis_error));
    assert_int_equal(now, 5007);
    assert_done(redis_time(self));
    assert_string_equal(resp_peer_heard(peer), "AUTH ann pw\nSELECT 2\nCLIENT SETNAME libmstr\nTIME\nTIME\n");
    assert_int_equal(resp_peer_connections(peer), 1);
    redis->destroy(self);
    resp_peer_stop(peer);
}

static void a_refused_login_is_told_in_place_of_what_follows(void **state)
{
    static const char *const answers[] = {"-WRONGPASS invalid\r\n", "-NOAUTH no\r\n", "-NOAUTH no\r\n", NULL};
    struct resp_peer *peer = resp_peer_start(answers, NULL);
    (void)state;
    fake_host_option("password", "pw");
    void *self = redis_open_at("redis://127.0.0.1:%u", resp_peer_port(peer));
    assert_failed(redis_time(self), MSTR_E_AUTHENTICATION, "WRONGPASS", "WRONGPASS", NULL);
    assert_contains(resp_peer_heard(peer), "AUTH pw\n");
    redis->destroy(self);
    resp_peer_stop(peer);
}

static void ugly_answers_end_the_connection(void **state)
{
    static const struct {
        const char *answer;
        enum mstr_code code;
        const char *part;
    } cases[] = {
        {PEER_LAST("HTTP/1.1 400 Bad Request\r\n\r\n"), MSTR_E_PROTOCOL, "does not speak"},
        {PEER_LAST("*2\r\n$1\r\n5"), MSTR_E_NETWORK, "closed the connection"},
        {PEER_CLOSE, MSTR_E_NETWORK, "closed the connection"},
        {"$1\r\naXY", MSTR_E_PROTOCOL, "without its end"},
        {"*2147483647\r\n", MSTR_E_PROTOCOL, "more than 1,024"},
        {"*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", MSTR_E_PROTOCOL, "does not speak"},
        {"+odd\r\n", MSTR_E_PROTOCOL, "makes no sense"},
        {"$-1\r\n", MSTR_E_PROTOCOL, "makes no sense"},
        {"*2\r\n:1\r\n:1\r\n", MSTR_E_PROTOCOL, "makes no sense"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *const answers[] = {"+OK\r\n", cases[i].answer, NULL};
        struct resp_peer *peer = resp_peer_start(answers, NULL);
        void *self = redis_open_at("redis://127.0.0.1:%u", resp_peer_port(peer));
        assert_failed(redis_time(self), cases[i].code, cases[i].part, NULL, NULL);
        redis->destroy(self);
        resp_peer_stop(peer);
    }
}

static void an_answer_that_dribbles_is_read_and_one_that_does_not_come_is_not_awaited(void **state)
{
    static const char *const answers[] = {PEER_DRIBBLE("+OK\r\n"), PEER_DRIBBLE("*2\r\n$1\r\n5\r\n$4\r\n7000\r\n"),
                                          "$9223372036854775807\r\n", PEER_SILENCE, NULL};
    struct resp_peer *peer = resp_peer_start(answers, NULL);
    int64_t now = 0;
    (void)state;
    void *self = redis_open_at("redis://127.0.0.1:%u", resp_peer_port(peer));
    assert_done(redis_time(self));
    for (int i = 0; i < 2; i++) {
        assert_failed(redis->time(self, &now, live_call(50), redis_error), MSTR_E_TIMEOUT, "the store's reply", NULL,
                      NULL);
    }
    assert_int_equal(resp_peer_connections(peer), 2); /* neither was used again */
    redis->destroy(self);
    resp_peer_stop(peer);
}

#define REDIS_TEST(test) cmocka_unit_test_setup_teardown(test, redis_setup, redis_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        REDIS_TEST(set_up_and_command_go_out_at_once),
        REDIS_TEST(a_refused_login_is_told_in_place_of_what_follows),
        REDIS_TEST(ugly_answers_end_the_connection),
        REDIS_TEST(an_answer_that_dribbles_is_read_and_one_that_does_not_come_is_not_awaited),
    };
    return RUN_TESTS("redis/wire/connection");
}
