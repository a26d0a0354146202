/* SPDX-License-Identifier: Apache-2.0 */
/* providers/redis/service/pool.c: connections rest for a while. */
#include "support/redis_store.h"

#include <sys/wait.h>
#include <unistd.h>

#define NOW "*2\r\n$1\r\n5\r\n$1\r\n0\r\n"

static int64_t ahead; /* ms by which the clock was moved on */

static int64_t later(void)
{
    return clock_monotonic() + ahead;
}

static void a_connection_rests_for_ten_seconds(void **state)
{
    static const char *const answers[] = {"+OK\r\n", NOW, NOW, "+OK\r\n", NOW, NULL};
    struct resp_peer *peer = resp_peer_start(answers, NULL);
    (void)state;
    ahead = 0;
    live_table.monotonic = later;
    void *self = redis_open_at("redis://127.0.0.1:%u", resp_peer_port(peer));
    assert_done(redis_time(self));
    assert_done(redis_time(self));
    assert_int_equal(resp_peer_connections(peer), 1);
    ahead = 10001;
    assert_done(redis_time(self));
    assert_int_equal(resp_peer_connections(peer), 2);
    redis->destroy(self);
    resp_peer_stop(peer);
}

static void a_connection_over_which_something_came_of_itself_is_not_used(void **state)
{
    static const char *const answers[] = {"+OK\r\n", NOW ":1\r\n", "+OK\r\n", NOW, NULL};
    struct resp_peer *peer = resp_peer_start(answers, NULL);
    (void)state;
    void *self = redis_open_at("redis://127.0.0.1:%u", resp_peer_port(peer));
    assert_done(redis_time(self));
    assert_done(redis_time(self));
    assert_int_equal(resp_peer_connections(peer), 2);
    redis->destroy(self);
    resp_peer_stop(peer);
}

static void a_child_that_was_forked_leaves_its_parents_connection_alone(void **state)
{
    static const char *const answers[] = {"+OK\r\n", NOW, "+OK\r\n", NOW, NULL};
    struct resp_peer *peer = resp_peer_start(answers, NULL);
    int status = 0;
    (void)state;
    void *self = redis_open_at("redis://127.0.0.1:%u", resp_peer_port(peer));
    assert_done(redis_time(self));
    pid_t child = fork();
    if (child == 0) {
        _exit(redis_time(self) != MSTR_OK);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(resp_peer_connections(peer), 2);
    redis->destroy(self);
    resp_peer_stop(peer);
}

#define REDIS_TEST(test) cmocka_unit_test_setup_teardown(test, redis_setup, redis_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        REDIS_TEST(a_connection_rests_for_ten_seconds),
        REDIS_TEST(a_connection_over_which_something_came_of_itself_is_not_used),
        REDIS_TEST(a_child_that_was_forked_leaves_its_parents_connection_alone),
    };
    return RUN_TESTS("redis/service/pool");
}
