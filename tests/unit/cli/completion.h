/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command of which the tests of completion scripts know all. tests/integration/completion_test lets the shells use
 * the scripts of the real ones.
 */
#ifndef MSTR_TESTS_UNIT_CLI_COMPLETION_H
#define MSTR_TESTS_UNIT_CLI_COMPLETION_H

#include "cli/completion.h"
#include "unit/cli/harness.h"

static const char *const dog_synopsis[] = {"sit|stay [--long] WORD", "roll", "[OPTION]... BONE", NULL};
static const struct option dog_options[] = {
    {1, 'o', "output", "FILE", "where it's written to"},
    {2, 'i', NULL, NULL, "a letter \\ backslash"},
    {0, 0, NULL, NULL, NULL},
};
static const struct option dog_passed[] = {
    {1, 0, "leash", "FILE", "for its walker"},
    {0, 0, NULL, NULL, NULL},
};
static const struct command dog = {.name = "dog",
                                   .synopsis = dog_synopsis,
                                   .summary = "train dogs",
                                   .options = dog_options,
                                   .passed = dog_passed,
                                   .formats = (const char *const[]){"text", "yaml", NULL},
                                   .takes = COMMAND_HAS_SESSION};

static inline int complete(void *data)
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

static inline const struct outcome *completion_of(const char *shell)
{
    static const char *words[2];
    static struct command_line line = {NULL, words};
    words[0] = shell;
    return harness_call(complete, &line);
}

static inline void assert_lines(const struct outcome *done, const char *const *lines, size_t count)
{
    assert_int_equal(done->status, STATUS_DONE);
    for (size_t i = 0; i < count; i++) {
        if (strstr(done->output, lines[i]) == NULL) {
            fail_msg("\"%s\" is not in \"%s\"", lines[i], done->output);
        }
    }
}

#endif
