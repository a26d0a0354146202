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
static const struct command dog = {.name = "dog",
                                   .synopsis = synopsis,
                                   .summary = "train dogs",
                                   .options = own,
                                   .formats = (const char *const[]){"text", "yaml", NULL},
                                   .takes = COMMAND_HAS_SESSION};

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

static void assert_lines(const struct outcome *done, const char *const *lines, size_t count)
{
    assert_int_equal(done->status, STATUS_DONE);
    for (size_t i = 0; i < count; i++) {
        if (strstr(done->output, lines[i]) == NULL) {
            fail_msg("\"%s\" is not in \"%s\"", lines[i], done->output);
        }
    }
}

static void scripts_of_bash_and_zsh_hold_what_the_tables_say(void **state)
{
    static const char *const lines[] = {
        "        (--config|--profile|--log|--timeout|--agent) skip=$word ;;\n"
        "        (dog|help) command=${command:-$word} ;;\n",
        "    (dog) operands=(sit stay roll) options=( --output -o -i --format --project --session --session-file) "
        "find= ;;\n"
        "    (help) operands=(dog help) options=() find= ;;\n"
        "    (*) operands=(dog help) options=(--version -V) ;;\n"
        "    esac\n"
        "    options+=( --config --profile --log --timeout --json --agent --quiet --help -h)\n",
        "    (dog--output|dog-o) options=() operands=() find='' ;;\n",
        "    (dog--format) options=() operands=(text yaml) find='' ;;\n",
        "    (*--profile) options=() operands=() find='_mstr_names profile' ;;\n",
        "    (*--log) options=() operands=(error warn info debug trace) find='' ;;\n",
    };
    (void)state;
    assert_lines(completion_of("bash"), lines, COUNT_OF(lines));
    assert_lines(completion_of("zsh"), lines, COUNT_OF(lines));
}

static void the_script_of_fish_tells_what_each_is_for(void **state)
{
    static const char *const lines[] = {
        "complete -c mstr -n __fish_use_subcommand -f -a dog -d 'train dogs'\n",
        "complete -c mstr -n '__fish_seen_subcommand_from dog' -f -a 'sit stay roll'\n",
        "complete -c mstr -n '__fish_seen_subcommand_from dog' -l output -s o -r -d 'where it\\'s written to'\n",
        "complete -c mstr -n '__fish_seen_subcommand_from dog' -s i -d 'a letter \\\\ backslash'\n",
        "complete -c mstr -n '__fish_seen_subcommand_from help' -f -a 'dog help'\n",
        "complete -c mstr -n '__fish_seen_subcommand_from dog' -l format -x -a 'text yaml' -d 'the form of the "
        "data'\n",
        "complete -c mstr -l profile -x -a '(__mstr_profiles)' -d 'use [profile NAME]'\n",
        "complete -c mstr -l json -d 'write data and errors as JSON; as --format json'\n",
    };
    (void)state;
    assert_lines(completion_of("fish"), lines, COUNT_OF(lines));
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
