/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/job.c: options that several commands share */
#include "cli/job.h"

#include "cli/tool.h"
#include "unit/cli/harness.h"

static void options_of_a_job_are_taken_and_others_left(void **state)
{
    struct job job = {0};
    (void)state;
    assert_true(job_take(&job, OPTION_JOB_PROJECT, "Sales"));
    assert_true(job_take(&job, OPTION_JOB_SESSION, NULL));
    assert_true(job_take(&job, OPTION_JOB_SESSION_FILE, "file"));
    assert_true(job_take(&job, OPTION_JOB_QUIET, NULL));
    assert_false(job_take(&job, 1, "x"));
    assert_string_equal(job.project, "Sales");
    assert_string_equal(job.session.file, "file");
    assert_true(job.session.saved && job.quiet);
}

static int take_two(void *data)
{
    static const struct command command = {.name = "x"};
    struct tool tool = {.command = &command};
    const char **operand = data;
    int status = job_take_operand(&tool, operand, "one");
    return status == STATUS_DONE ? job_take_operand(&tool, operand, "two") : status;
}

static void there_is_one_operand(void **state)
{
    const char *operand = NULL;
    (void)state;
    const struct outcome *done = harness_call(take_two, &operand);
    assert_int_equal(done->status, STATUS_USAGE);
    assert_non_null(strstr(done->errors, "unexpected argument \"two\""));
    assert_string_equal(operand, "one");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(options_of_a_job_are_taken_and_others_left),
        CLI_TEST(there_is_one_operand),
    };
    return RUN_CLI_TESTS("cli/job");
}
