/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/target.c: standard output, files, and what is held back until all went well */
#include "cli/target.h"

#include "cli/output.h"
#include "unit/cli/harness.h"

/* A run that writes to this target, and how it ends. */
struct writing {
    struct target target;
    int status;
};

static int write_words(struct tool *tool, void *data)
{
    (void)tool;
    output_puts(output_data, "some words\n");
    return *(int *)data;
}

static int write_to(void *data)
{
    struct writing *writing = data;
    struct tool tool = harness_tool(&command_version);
    int status = target_write(&tool, &writing->target, write_words, &writing->status);
    harness_tool_free(&tool);
    return status;
}

static const struct outcome *written(const char *file, bool spool, int status)
{
    return harness_call(write_to, &(struct writing){{file, spool}, status});
}

static void standard_output_has_two_names(void **state)
{
    (void)state;
    assert_outcome(written(NULL, false, STATUS_DONE), STATUS_DONE, "some words\n", "");
    assert_outcome(written("-", false, STATUS_NOT_FOUND), STATUS_NOT_FOUND, "some words\n", "");
}

static void what_is_held_back_comes_whole_or_not_at_all(void **state)
{
    (void)state;
    assert_outcome(written(NULL, true, STATUS_DONE), STATUS_DONE, "some words\n", "");
    assert_outcome(written("-", true, STATUS_NOT_FOUND), STATUS_NOT_FOUND, "", "");
}

static void a_file_is_whole_or_as_it_was(void **state)
{
    (void)state;
    harness_write("words", "old", 3);
    assert_outcome(written(harness_path("words"), false, STATUS_NOT_FOUND), STATUS_NOT_FOUND, "", "");
    assert_string_equal(harness_read("words"), "old");
    assert_outcome(written(harness_path("words"), false, STATUS_DONE), STATUS_DONE, "", "");
    assert_string_equal(harness_read("words"), "some words\n");
    assert_outcome(written("/nonexistent/words", false, STATUS_DONE), STATUS_UNEXPECTED, "",
                   "mstr: /nonexistent/words: No such file or directory\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(standard_output_has_two_names),
        CLI_TEST(what_is_held_back_comes_whole_or_not_at_all),
        CLI_TEST(a_file_is_whole_or_as_it_was),
    };
    return RUN_CLI_TESTS("cli/target");
}
