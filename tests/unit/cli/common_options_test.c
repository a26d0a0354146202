/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/common_options.c: what every command takes, in between its own options */
#include "cli/common_options.h"

#include "cli/output.h"
#include "unit/cli/harness.h"

enum { OPTION_OWN = 1 };
static const struct option own[] = {{OPTION_OWN, 'w', "own", NULL, "of the command"}, {0, 0, NULL, NULL, NULL}};

/* What the common options said. Its texts are gone with the words of the command line. */
static struct tool seen;

static const char *shown(const char *text)
{
    return text != NULL ? text : "-";
}

static int show(struct tool *tool, struct arguments *arguments)
{
    const char *value = NULL;
    int found;
    while ((found = tool_next(tool, arguments, &value)) != ARGUMENT_END && found != ARGUMENT_WRONG) {
        output_printf(output_data, "%d %s\n", found, shown(value));
    }
    output_printf(output_data, "%s %s %s\n", shown(tool->options.config_file), shown(tool->profile),
                  shown(tool->options.profile));
    seen = *tool;
    return found == ARGUMENT_END ? STATUS_DONE : STATUS_USAGE;
}

static const struct command command_show = {.name = "show", .options = own, .run = show};

static void common_options_are_taken_in_between_the_commands_own(void **state)
{
    (void)state;
    assert_outcome(run_command(command_show, "--config", "/c", "-w", "a", "--profile=eu", "b", "--timeout", "5m",
                               "--log", "trace", "--json"),
                   STATUS_DONE, "1 -\n-1 a\n-1 b\n/c eu eu\n", "");
    assert_true(seen.options.timeout == 300000 && seen.deadline != 0);
    assert_int_equal(seen.options.log_level, MSTR_LEVEL_TRACE);
    assert_non_null(seen.options.log);
    assert_true(seen.json);
    assert_false(seen.help);
}

static const struct command command_rich = {
    .name = "rich",
    .run = show,
    .formats = (const char *const[]){"text", "csv", "json", NULL},
    .takes = COMMAND_WRITES | COMMAND_HAS_SESSION,
};

static void what_a_command_shares_with_its_kind_is_taken_in_too(void **state)
{
    (void)state;
    assert_outcome(run_command(command_rich, "--format", "csv", "-o", "/f", "--project", "P", "--session", "--quiet"),
                   STATUS_DONE, "- - -\n", "");
    assert_string_equal(seen.format, "csv");
    assert_true(seen.saved && seen.quiet && !seen.json);
    assert_outcome(run_command(command_rich, "--format=json"), STATUS_DONE, "- - -\n", "");
    assert_true(seen.json);
    assert_false(seen.saved || seen.quiet);
    assert_outcome(run_command(command_rich, "--format", "xml"), STATUS_USAGE, "- - -\n",
                   "mstr: there is no format \"xml\"; there are text, csv and json\nhint: mstr help rich tells its "
                   "options\n");
    assert_outcome(run_command(command_show, "--session"), STATUS_USAGE, "- - -\n",
                   "mstr: unknown option --session\nhint: mstr help show tells its options\n");
}

static void without_them_everything_is_as_the_library_has_it(void **state)
{
    (void)state;
    assert_outcome(run_command(command_show, NULL), STATUS_DONE, "- - -\n", "");
    assert_true(seen.deadline == 0);
    assert_null(seen.options.log);
    assert_false(seen.json);
}

static void wrong_values_and_options_are_told_once(void **state)
{
    (void)state;
#define NOTHING "- - -\n"
#define HINT    "hint: mstr help show tells its options\n"
    assert_outcome(run_command(command_show, "--config", ""), STATUS_USAGE, NOTHING,
                   "mstr: --config needs the name of a file\n" HINT);
    assert_outcome(run_command(command_show, "--log", "loud"), STATUS_USAGE, NOTHING,
                   "mstr: there is no log level \"loud\"; there are error, warn, info, debug and trace\n" HINT);
    assert_outcome(run_command(command_show, "--timeout", "soon"), STATUS_USAGE, NOTHING,
                   "mstr: \"soon\" is no duration; write 250ms, 30s, 5m or 1h\n" HINT);
    assert_outcome(run_command(command_show, "--timeout", "0"), STATUS_USAGE, NOTHING,
                   "mstr: \"0\" is no duration; write 250ms, 30s, 5m or 1h\n" HINT);
    assert_outcome(run_command(command_show, "--none"), STATUS_USAGE, NOTHING, "mstr: unknown option --none\n" HINT);
    assert_outcome(run_command(command_show, "--config"), STATUS_USAGE, NOTHING,
                   "mstr: --config needs an argument\n" HINT);
}

static void help_ends_the_command_without_a_word(void **state)
{
    (void)state;
    assert_outcome(run_command(command_show, "--help", "--none"), STATUS_USAGE, NOTHING, "");
    assert_true(seen.help);
    assert_outcome(run_command(command_show, "-h"), STATUS_USAGE, NOTHING, "");
    assert_true(seen.help);
}

static int take_nothing(struct tool *tool, struct arguments *arguments)
{
    return tool_no_more(tool, arguments) == ARGUMENT_END ? STATUS_DONE : STATUS_USAGE;
}

static const struct command command_bare = {.name = "bare", .run = take_nothing};

static void a_command_without_operands_refuses_one(void **state)
{
    (void)state;
    assert_outcome(run_command(command_bare, "--json"), STATUS_DONE, "", "");
    assert_outcome(run_command(command_bare, "x"), STATUS_USAGE, "",
                   "mstr: unexpected argument \"x\"\nhint: mstr help bare tells its options\n");
    assert_outcome(run_command(command_bare, "-w"), STATUS_USAGE, "",
                   "mstr: unknown option -w\nhint: mstr help bare tells its options\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(common_options_are_taken_in_between_the_commands_own),
        CLI_TEST(what_a_command_shares_with_its_kind_is_taken_in_too),
        CLI_TEST(without_them_everything_is_as_the_library_has_it),
        CLI_TEST(wrong_values_and_options_are_told_once),
        CLI_TEST(help_ends_the_command_without_a_word),
        CLI_TEST(a_command_without_operands_refuses_one),
    };
    return RUN_CLI_TESTS("cli/common_options");
}
