/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/deadline.c */
#include "cli/deadline.h"

#include "support/unit.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_deadline_the_library_has_its_default),
        cmocka_unit_test(what_is_left_grows_less_and_never_becomes_the_default),
        cmocka_unit_test(the_longest_time_does_not_overflow),
    };
    return RUN_TESTS("cli/deadline");
}
