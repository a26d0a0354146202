/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/completion.c: what the scripts are made of */
#include "unit/cli/completion.h"

#include "cli/output.h"

static int show_tables(void *data)
{
    static const struct command *const commands[] = {&dog, &command_help, NULL};
    (void)data;
    completion_put_names(commands, ",");
    output_puts(output_data, "\n");
    completion_put_operands(commands, &dog);
    output_puts(output_data, "\n");
    completion_put_operands(commands, &command_help);
    output_puts(output_data, "\n");
    completion_put_formats(&dog);
    return 0;
}

static void the_tables_tell_what_may_stand_where(void **state)
{
    static const struct option form = {1, 0, "format", "FORM", ""};
    static const struct option method = {1, 0, "method", "METHOD", ""};
    (void)state;
    assert_outcome(harness_call(show_tables, NULL), 0, "dog,help\nsit stay roll\ndog help\ntext yaml", "");
    assert_true(completion_has_operands(&dog));
    assert_false(completion_has_operands(&command_doctor));
    assert_true(completion_takes_reference(&command_doctor));
    assert_false(completion_takes_reference(&command_help));
    assert_true(completion_is_form(&form));
    assert_false(completion_is_form(&method));
    assert_non_null(completion_argument(&method));
    assert_null(completion_argument(&dog_options[0]));
}

static void what_is_no_shell_of_these_is_wrong_usage(void **state)
{
    (void)state;
#define HINT "hint: mstr help completion tells its options\n"
    assert_outcome(run_command(command_completion, NULL), STATUS_USAGE, "",
                   "mstr: name a shell: bash, fish or zsh\n" HINT);
    assert_outcome(run_command(command_completion, "csh"), STATUS_USAGE, "",
                   "mstr: there are completions for bash, fish and zsh, not for \"csh\"\n" HINT);
    assert_outcome(run_command(command_completion, "bash", "zsh"), STATUS_USAGE, "",
                   "mstr: unexpected argument \"zsh\"\n" HINT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(the_tables_tell_what_may_stand_where),
        CLI_TEST(what_is_no_shell_of_these_is_wrong_usage),
    };
    return RUN_CLI_TESTS("cli/completion");
}
