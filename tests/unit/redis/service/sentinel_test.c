/* SPDX-License-Identifier: Apache-2.0 */
/* providers/redis/service/sentinel.c */
#include "support/redis_store.h"

#define NOW "*2\r\n$1\r\n5\r\n$1\r\n0\r\n"

static void place(char text[80], const struct resp_peer *peer)
{
    char port[8];
    int length = snprintf(port, sizeof(port), "%u", resp_peer_port(peer));
    snprintf(text, 80, "*2\r\n$9\r\n127.0.0.1\r\n$%d\r\n%s\r\n", length, port);
}

static void sentinels_are_asked_in_turn_with_their_own_password(void **state)
{
    static const char *const server[] = {"+OK\r\n", "+OK\r\n", "*1\r\n$6\r\nmaster\r\n", NOW, NULL};
    static const char *const silent[] = {"+OK\r\n", "+OK\r\n", "$-1\r\n", NULL};
    char where[80];
    char url[100];
    (void)state;
    struct resp_peer *primary = resp_peer_start(server, NULL);
    place(where, primary);
    const char *const knowing[] = {"+OK\r\n", "+OK\r\n", where, NULL};
    struct resp_peer *first = resp_peer_start(silent, NULL);
    struct resp_peer *second = resp_peer_start(knowing, NULL);
    snprintf(url, sizeof(url), "redis+sentinel://127.0.0.1:%u,127.0.0.1:%u/main", resp_peer_port(first),
             resp_peer_port(second));
    fake_host_option("password", "pw");
    fake_host_option("sentinel_password", "spw");
    void *self = redis_open(url);
    assert_done(redis_time(self));
    assert_done(redis_time(self)); /* over the same connection */
    assert_string_equal(resp_peer_heard(first),
                        "AUTH spw\nCLIENT SETNAME libmstr\nSENTINEL get-master-addr-by-name main\n");
    assert_string_equal(resp_peer_heard(second), resp_peer_heard(first));
    assert_string_equal(resp_peer_heard(primary), "AUTH pw\nCLIENT SETNAME libmstr\nROLE\nTIME\nTIME\n");
    redis->destroy(self);
    resp_peer_stop(first);
    resp_peer_stop(second);
    resp_peer_stop(primary);
}

static void whoever_is_no_primary_is_asked_for_again_once(void **state)
{
    static const char *const server[] = {"+OK\r\n", "*1\r\n$5\r\nslave\r\n", "+OK\r\n",
                                         "+OK\r\n", "*1\r\n$5\r\nslave\r\n", NULL};
    char where[80];
    (void)state;
    struct resp_peer *replica = resp_peer_start(server, NULL);
    place(where, replica);
    const char *const knowing[] = {"+OK\r\n", where, "+OK\r\n", where, NULL};
    struct resp_peer *sentinel = resp_peer_start(knowing, NULL);
    void *self = redis_open_at("redis+sentinel://127.0.0.1:%u/main", resp_peer_port(sentinel));
    assert_failed(redis_time(self), MSTR_E_UNAVAILABLE, "READONLY this server is no primary", "READONLY", NULL);
    assert_int_equal(resp_peer_connections(sentinel), 2);
    redis->destroy(self);
    resp_peer_stop(sentinel);
    resp_peer_stop(replica);
}

static void sentinels_that_do_not_help_are_told(void **state)
{
    static const struct {
        const char *answer;
        enum mstr_code code;
        const char *part;
    } cases[] = {
        {"$-1\r\n", MSTR_E_UNAVAILABLE, "know no primary \"main\""},
        {"-NOPERM x\r\n", MSTR_E_DENIED, "NOPERM"},
        {":1\r\n", MSTR_E_PROTOCOL, "names no place"},
        {"*2\r\n$1\r\na\r\n$1\r\nb\r\n", MSTR_E_PROTOCOL, "names no place"},
        {PEER_SILENCE, MSTR_E_NETWORK, "does not answer in time"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *const answers[] = {"+OK\r\n", cases[i].answer, NULL};
        struct resp_peer *sentinel = resp_peer_start(answers, NULL);
        void *self = redis_open_at("redis+sentinel://127.0.0.1:%u/main", resp_peer_port(sentinel));
        assert_failed(redis_time(self), cases[i].code, cases[i].part, NULL, NULL);
        redis->destroy(self);
        resp_peer_stop(sentinel);
    }
}

#define REDIS_TEST(test) cmocka_unit_test_setup_teardown(test, redis_setup, redis_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        REDIS_TEST(sentinels_are_asked_in_turn_with_their_own_password),
        REDIS_TEST(whoever_is_no_primary_is_asked_for_again_once),
        REDIS_TEST(sentinels_that_do_not_help_are_told),
    };
    return RUN_TESTS("redis/service/sentinel");
}
