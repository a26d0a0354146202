/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/command.c: finding a command by its name */
#include "cli/command.h"

#include "support/unit.h"

static const struct command one = {.name = "one"}, two = {.name = "two"};

static void a_command_is_found_by_its_whole_name(void **state)
{
    (void)state;
    const struct command *const commands[] = {&one, &two, NULL};
    assert_ptr_equal(command_find(commands, "one"), &one);
    assert_ptr_equal(command_find(commands, "two"), &two);
    assert_null(command_find(commands, "tw"));
    assert_null(command_find(commands, "twoo"));
    assert_null(command_find(commands, "TWO"));
    assert_null(command_find(commands, ""));
}

static void an_empty_table_has_none(void **state)
{
    (void)state;
    const struct command *const commands[] = {NULL};
    assert_null(command_find(commands, "one"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_is_found_by_its_whole_name),
        cmocka_unit_test(an_empty_table_has_none),
    };
    return RUN_TESTS("cli/command");
}
