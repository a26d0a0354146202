/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/deadline.c */
#include "cli/deadline.h"

#include "support/unit.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

static void without_a_deadline_the_library_has_its_default(void **state)
{
    (void)state;
    const struct tool tool = {0};
    assert_true(deadline_left(&tool) == 0);
}

static void what_is_left_grows_less_and_never_becomes_the_default(void **state)
{
    (void)state;
    struct tool tool = {0};
    deadline_set(&tool, 600000);
    int64_t first = deadline_left(&tool);
    assert_true(first > 0 && first <= 600000);
    assert_true(tool.options.timeout == 600000);
    tool.deadline = deadline_clock() - 1000;
    assert_true(deadline_left(&tool) == 1);
}

static void the_longest_time_does_not_overflow(void **state)
{
    (void)state;
    struct tool tool = {0};
    deadline_set(&tool, INT64_MAX);
    assert_true(deadline_left(&tool) > INT64_MAX / 2);
}

static void a_wait_ends_with_the_run_which_looks_once_more(void **state)
{
    (void)state;
    static volatile sig_atomic_t interrupted;
    struct tool tool = {.interrupted = &interrupted};
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    deadline_set(&tool, 10);
    assert_int_equal(deadline_await(&tool, ends[0], POLLIN), ETIMEDOUT);
    assert_int_equal(deadline_await(&tool, ends[1], POLLOUT), 0);
    assert_int_equal(deadline_pause(&tool, INT32_MAX), ETIMEDOUT);
    deadline_set(&tool, 600000);
    interrupted = 1;
    assert_int_equal(deadline_await(&tool, ends[0], POLLIN), ECANCELED);
    assert_int_equal(deadline_await(&tool, ends[1], POLLOUT), 0);
    assert_int_equal(deadline_pause(&tool, INT32_MAX), ECANCELED);
    close(ends[1]);
    assert_int_equal(deadline_await(&tool, ends[0], POLLIN), 0); /* its end, which the reading tells */
    close(ends[0]);
}

static void a_pause_is_no_shorter_than_it_is_to_be(void **state)
{
    (void)state;
    const struct tool tool = {0};
    int64_t before = deadline_clock();
    assert_int_equal(deadline_pause(&tool, 60), 0);
    assert_true(deadline_clock() >= before + 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_deadline_the_library_has_its_default),
        cmocka_unit_test(what_is_left_grows_less_and_never_becomes_the_default),
        cmocka_unit_test(the_longest_time_does_not_overflow),
        cmocka_unit_test(a_wait_ends_with_the_run_which_looks_once_more),
        cmocka_unit_test(a_pause_is_no_shorter_than_it_is_to_be),
    };
    return RUN_TESTS("cli/deadline");
}
