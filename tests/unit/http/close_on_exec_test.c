/* SPDX-License-Identifier: Apache-2.0 */
/* core/http/close_on_exec.c */
#include "http/close_on_exec.h"

#include "support/unit.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

static bool closes(int fd)
{
    return (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0;
}

static void a_pair_that_was_made_meanwhile_closes_on_exec(void **state)
{
    struct free_numbers free;
    int pair[2];
    (void)state;
    free_numbers_note(&free);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_false(closes(pair[0]));

    free_numbers_close_on_exec(&free);

    assert_true(closes(pair[0]));
    assert_true(closes(pair[1]));
    close(pair[0]);
    close(pair[1]);
}

static void what_others_have_or_make_stays_as_it_is(void **state)
{
    struct free_numbers free;
    int before[2];
    int pipes[2];
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, before), 0);
    free_numbers_note(&free);
    assert_int_equal(pipe(pipes), 0);
    int inet = socket(AF_INET, SOCK_STREAM, 0);

    free_numbers_close_on_exec(&free);

    const int all[] = {before[0], before[1], pipes[0], pipes[1], inet};
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        assert_false(closes(all[i]));
        close(all[i]);
    }
}

static void noting_leaves_nothing_open(void **state)
{
    struct free_numbers free;
    (void)state;
    free_numbers_note(&free);
    assert_int_equal(free.count, FREE_NUMBERS);
    for (size_t i = 0; i < free.count; i++) {
        assert_int_equal(fcntl(free.numbers[i], F_GETFD), -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pair_that_was_made_meanwhile_closes_on_exec),
        cmocka_unit_test(what_others_have_or_make_stays_as_it_is),
        cmocka_unit_test(noting_leaves_nothing_open),
    };
    return RUN_TESTS("http/close_on_exec");
}
