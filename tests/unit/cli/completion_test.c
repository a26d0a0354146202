/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/completion.c: the scripts; tests/integration/completion_test lets the shells use them */
#include "cli/command.h"
#include "unit/cli/harness.h"

static const char *const synopsis[] = {"sit|stay [--long] WORD", "roll", "[OPTION]... BONE", NULL};
static const struct option own[] = {
    {1, 'o', "output", "FILE", "where it's written to"},
    {2, 'i', NULL, NULL, "a letter \\ backslash"},
    {0, 0, NULL, NULL, NULL},
};
static const struct command dog = {.name = "dog", .synopsis = synopsis, .summary = "train dogs", .options = own};

static int complete(void *data)
{
    static const struct command *const commands[] = {&dog, &command_help, NULL};
    const struct command_line *line = data;
    struct tool tool = harness_tool(&command_completion);
    struct arguments arguments = {.words = (char *const *)(uintptr_t)line->words, .count = 1};
    tool.commands = commands;
    int status = command_completion.run(&tool, &arguments);
    harness_tool_free(&tool);
    return status;
}

static const struct outcome *completion_of(const char *shell)
{
    static const char *words[2];
    static struct command_line line = {NULL, words};
    words[0] = shell;
    return harness_call(complete, &line);
}

#define CHOICE                                                                                                       \
    "        case $word in\n"                                                                                        \
    "        (dog|help) command=$word; break ;;\n"                                                                   \
    "        esac\n"                                                                                                 \
    "    done\n"                                                                                                     \
    "    case $command in\n"                                                                                         \
    "    (dog) operands=(sit stay roll) options=( --output -o -i) ;;\n"                                              \
    "    (help) operands=(dog help) options=() ;;\n"                                                                 \
    "    (*) operands=(dog help) options=(--version -V) ;;\n"                                                        \
    "    esac\n"                                                                                                     \
    "    options+=( --config --profile --log --timeout --json --agent --quiet --help -h)\n"

static void scripts_of_bash_and_zsh_hold_what_the_tables_say(void **state)
{
    (void)state;
    assert_non_null(strstr(completion_of("bash")->output, CHOICE));
    assert_non_null(strstr(completion_of("zsh")->output, CHOICE));
}

static void the_script_of_fish_tells_what_each_is_for(void **state)
{
    static const char *const lines[] = {
        "complete -c mstr -n __fish_use_subcommand -f -a dog -d 'train dogs'\n",
        "complete -c mstr -n '__fish_seen_subcommand_from dog' -f -a 'sit stay roll'\n",
        "complete -c mstr -n '__fish_seen_subcommand_from dog' -l output -s o -r -d 'where it\\'s written to'\n",
        "complete -c mstr -n '__fish_seen_subcommand_from dog' -s i -d 'a letter \\\\ backslash'\n",
        "complete -c mstr -n '__fish_seen_subcommand_from help' -f -a 'dog help'\n",
        "complete -c mstr -l json -d 'write data and errors as JSON; as --format json'\n",
    };
    (void)state;
    const struct outcome *done = completion_of("fish");
    assert_int_equal(done->status, STATUS_DONE);
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        assert_non_null(strstr(done->output, lines[i]));
    }
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
        CLI_TEST(scripts_of_bash_and_zsh_hold_what_the_tables_say),
        CLI_TEST(the_script_of_fish_tells_what_each_is_for),
        CLI_TEST(what_is_no_shell_of_these_is_wrong_usage),
    };
    return RUN_CLI_TESTS("cli/completion");
}
