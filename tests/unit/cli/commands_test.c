/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/commands.c: the table of commands, and that each entry has what help and the reader of options rely on */
#include "cli/commands.h"

#include "cli/common_options.h"
#include "support/unit.h"

/* What common_options.c knows its own by. */
enum { COMMON_LOWEST = 1000 };

static void every_command_can_be_told_about_and_run(void **state)
{
    (void)state;
    for (size_t i = 0; commands[i] != NULL; i++) {
        const struct command *command = commands[i];
        assert_ptr_equal(command_find(commands, command->name), command); /* no name twice */
        assert_in_range(strlen(command->name), 1, 11);                    /* the overview's column */
        assert_non_null(command->synopsis[0]);
        assert_in_range(strlen(command->summary), 10, 60);
        assert_int_not_equal(command->summary[strlen(command->summary) - 1], '.');
        assert_non_null(command->run);
    }
    assert_ptr_equal(command_find(commands, "help"), &command_help);
}

static bool same_word(const struct option *a, const struct option *b)
{
    return (a->letter != 0 && a->letter == b->letter) ||
           (a->name != NULL && b->name != NULL && strcmp(a->name, b->name) == 0);
}

/* `option` against the rest of a table. */
static void assert_unlike_all(const struct option *option, const struct option *table)
{
    for (; table->id != 0; table++) {
        if (table != option && same_word(option, table)) {
            fail_msg("-%c and --%s are in use", table->letter, table->name);
        }
    }
}

static void no_option_means_two_things(void **state)
{
    (void)state;
    for (size_t i = 0; commands[i] != NULL; i++) {
        for (const struct option *option = commands[i]->options; option != NULL && option->id != 0; option++) {
            assert_in_range(option->id, 1, COMMON_LOWEST - 1);
            assert_true(option->letter != 0 || option->name != NULL);
            assert_in_range(strlen(option->help), 1, 80);
            assert_unlike_all(option, commands[i]->options);
            assert_unlike_all(option, tool_common_options);
        }
    }
}

static void run_and_agent_alone_leave_the_words_behind_their_operand(void **state)
{
    (void)state;
    for (size_t i = 0; commands[i] != NULL; i++) {
        assert_int_equal(commands[i]->stop_at_operand, commands[i] == &command_run || commands[i] == &command_agent);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_can_be_told_about_and_run),
        cmocka_unit_test(no_option_means_two_things),
        cmocka_unit_test(run_and_agent_alone_leave_the_words_behind_their_operand),
    };
    return RUN_TESTS("cli/commands");
}
