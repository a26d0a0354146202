/* SPDX-License-Identifier: Apache-2.0 */
/* providers/redis/wire/socket.c */
#include "support/redis_store.h"

#include "redis/wire/socket.h"

#include <sys/un.h>
#include <unistd.h>

static const struct endpoint nowhere = {"/nonexistent/mstr", ""};

static void a_peer_that_ends_is_told_from_one_that_is_silent(void **state)
{
    const struct wait wait = {live_call(PATIENT), INT64_MAX};
    int pair[2];
    char text[8];
    size_t got = 0;
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
    assert_true(socket_is_quiet(pair[0]));
    assert_done(socket_send(pair[1], "abc", 3, &wait, redis_error));
    assert_false(socket_is_quiet(pair[0]));
    assert_done(socket_receive(pair[0], text, sizeof(text), &wait, &got, redis_error));
    assert_int_equal(got, 3);
    const struct wait brief = {wait.call, host->monotonic() + 20};
    enum mstr_code code = socket_receive(pair[0], text, sizeof(text), &brief, &got, redis_error);
    assert_failed(code, MSTR_E_TIMEOUT, "the store's reply", NULL, NULL);
    assert_true(wait_is_impatient(&brief, code));
    assert_false(wait_is_impatient(&brief, MSTR_E_NETWORK));
    close(pair[1]);
    assert_done(socket_receive(pair[0], text, sizeof(text), &wait, &got, redis_error));
    assert_int_equal(got, 0);
    assert_failed(socket_send(pair[0], "x", 1, &wait, redis_error), MSTR_E_NETWORK, "broke", NULL, NULL);
    close(pair[0]);
}

static void a_peer_that_takes_nothing_ends_with_the_deadline(void **state)
{
    static char much[4 * 1024 * 1024];
    int pair[2];
    const struct wait wait = {live_call(60), INT64_MAX};
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
    assert_failed(socket_send(pair[0], much, sizeof(much), &wait, redis_error), MSTR_E_TIMEOUT, "to take", NULL,
                  NULL);
    live_cancelled = true;
    assert_failed(socket_send(pair[0], much, sizeof(much), &wait, redis_error), MSTR_E_CANCELLED, NULL, NULL, NULL);
    close(pair[0]);
    close(pair[1]);
}

static void nobody_to_connect_to_is_told(void **state)
{
    const struct wait wait = {live_call(PATIENT), INT64_MAX};
    struct addresses addresses = {.count = 2};
    struct sockaddr_un place = {.sun_family = AF_UNIX, .sun_path = "/nonexistent/mstr"};
    int fd = 0;
    (void)state;
    memcpy(&addresses.list[0].place, &place, sizeof(place));
    addresses.list[0].length = sizeof(place);
    addresses.list[1] = addresses.list[0];
    assert_failed(socket_connect(&addresses, &nowhere, &wait, &fd, redis_error), MSTR_E_NETWORK,
                  "the store at /nonexistent/mstr: No such file", NULL, NULL);
    assert_int_equal(fd, -1);
    live_cancelled = true;
    assert_int_equal(socket_connect(&addresses, &nowhere, &wait, &fd, redis_error), MSTR_E_CANCELLED);
}

#define REDIS_TEST(test) cmocka_unit_test_setup_teardown(test, redis_setup, redis_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        REDIS_TEST(a_peer_that_ends_is_told_from_one_that_is_silent),
        REDIS_TEST(a_peer_that_takes_nothing_ends_with_the_deadline),
        REDIS_TEST(nobody_to_connect_to_is_told),
    };
    return RUN_TESTS("redis/wire/socket");
}
