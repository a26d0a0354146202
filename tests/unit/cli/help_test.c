/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/help.c: the tables of the commands as text */
#include "cli/help.h"

#include "cli/common_options.h"
#include "unit/cli/harness.h"

static const char *const synopsis[] = {"[OPTION]... WORD", "", NULL};
static const struct option own[] = {
    {1, 'o', "output", "FILE", "a letter, a name and an argument"},
    {2, 'i', "include", NULL, "a letter and a name"},
    {3, 0, "paginate", NULL, "a name"},
    {4, 'z', NULL, NULL, "a letter"},
    {5, 0, "a-name-longer-than-the-column", "ARGUMENT", "two blanks behind it"},
    {0, 0, NULL, NULL, NULL},
};
static const struct command command_show = {
    .name = "show",
    .synopsis = synopsis,
    .summary = "show things",
    .options = own,
    .examples = (const char *const[]){"mstr show one", "mstr show two", NULL},
    .formats = (const char *const[]){"text", "json", NULL},
    .takes = COMMAND_WRITES | COMMAND_HAS_SESSION,
};

#define COMMON                                                                                                       \
    "Common options:\n"                                                                                              \
    "  --config FILE              read this configuration in place of the usual files\n"                             \
    "  --profile NAME             use [profile NAME]\n"                                                              \
    "  --log LEVEL                log to standard error: error, warn, info, debug or trace\n"                        \
    "  --timeout DURATION         give up after 250ms, 30s, 5m or 1h\n"                                              \
    "  --json                     write data and errors as JSON; as --format json\n"                                 \
    "  --agent HOW                ask an agent for values: auto, off, require, or the path of its socket\n"          \
    "  --quiet                    tell nothing but failures\n"                                                       \
    "  -h, --help                 tell about the command\n"

static int print_help(void *data)
{
    help_print(data);
    return 0;
}

static const struct outcome *help_of(const struct command *command)
{
    static struct command copy;
    copy = *command;
    return harness_call(print_help, &copy);
}

static void a_commands_help_is_made_of_its_tables(void **state)
{
    (void)state;
    assert_outcome(help_of(&command_show), 0,
                   "Usage: mstr show [OPTION]... WORD\n"
                   "       mstr show\n"
                   "\nshow things.\n"
                   "\nOptions:\n"
                   "  -o, --output FILE          a letter, a name and an argument\n"
                   "  -i, --include              a letter and a name\n"
                   "  --paginate                 a name\n"
                   "  -z                         a letter\n"
                   "  --a-name-longer-than-the-column ARGUMENT  two blanks behind it\n"
                   "  --format FORM              the form of the data\n"
                   "  -o, --output FILE          write to a file, whole or not at all; - is standard output\n"
                   "  --project NAME|ID          the project, in place of the profile's\n"
                   "  --session                  use the saved session, which stays open\n"
                   "  --session-file FILE        use the session saved in this file\n"
                   "\nForms of --format: text, json.\n"
                   "\n" COMMON "\nExamples:\n  mstr show one\n  mstr show two\n",
                   "");
}

static void a_command_without_options_has_the_common_ones_alone(void **state)
{
    (void)state;
    const struct command bare = {.name = "bare", .synopsis = synopsis + 1, .summary = "do nothing"};
    assert_outcome(help_of(&bare), 0, "Usage: mstr bare\n\ndo nothing.\n\n" COMMON, "");
}

static void the_overview_tells_the_commands_of_the_run(void **state)
{
    (void)state;
    assert_outcome(run_command(command_help, NULL), STATUS_DONE,
                   "Usage: mstr COMMAND [OPTION]... [ARGUMENT]...\n"
                   "       mstr --version\n"
                   "\nMicroStrategy REST sessions whose credentials stay in a secret store.\n"
                   "\nCommands:\n"
                   "  help        tell about the tool, or about one command\n"
                   "\n" COMMON "\nmstr help COMMAND tells more about one.\n",
                   "");
}

static void the_help_of_one_command_is_asked_for_by_its_name(void **state)
{
    (void)state;
    assert_outcome(run_command(command_help, "help"), STATUS_DONE,
                   "Usage: mstr help [COMMAND]\n\ntell about the tool, or about one command.\n\n" COMMON
                   "\nExamples:\n  mstr help get\n",
                   "");
}

static void what_is_no_command_is_wrong_usage(void **state)
{
    (void)state;
#define HINT "hint: mstr help help tells its options\n"
    assert_outcome(run_command(command_help, "hepl"), STATUS_USAGE, "",
                   "mstr: there is no command \"hepl\"; did you mean \"help\"?\n" HINT);
    assert_outcome(run_command(command_help, "none"), STATUS_USAGE, "", "mstr: there is no command \"none\"\n" HINT);
    assert_outcome(run_command(command_help, "help", "more"), STATUS_USAGE, "",
                   "mstr: unexpected argument \"more\"\n" HINT);
    assert_outcome(run_command(command_help, "--none"), STATUS_USAGE, "", "mstr: unknown option --none\n" HINT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(a_commands_help_is_made_of_its_tables),
        CLI_TEST(a_command_without_options_has_the_common_ones_alone),
        CLI_TEST(the_overview_tells_the_commands_of_the_run),
        CLI_TEST(the_help_of_one_command_is_asked_for_by_its_name),
        CLI_TEST(what_is_no_command_is_wrong_usage),
    };
    return RUN_CLI_TESTS("cli/help");
}
