/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/failure.c: failures as text and as JSON, and their exit statuses */
#include "cli/failure.h"

#include "base/error.h"
#include "cli/output.h"
#include "unit/cli/harness.h"

#include <errno.h>

static void each_class_has_its_exit_status(void **state)
{
    (void)state;
    static const struct {
        enum mstr_code code;
        int status; /* of mstr(1) */
    } cases[] = {
        {MSTR_E_UNEXPECTED, 1},
        {MSTR_E_MEMORY, 1},
        {MSTR_E_USAGE, 2},
        {MSTR_E_CONFIG, 3},
        {MSTR_E_NOT_FOUND, 4},
        {MSTR_E_DENIED, 5},
        {MSTR_E_NOT_AVAILABLE, 6},
        {MSTR_E_AUTHENTICATION, 6},
        {MSTR_E_SESSION, 6},
        {MSTR_E_NETWORK, 7},
        {MSTR_E_TLS, 7},
        {MSTR_E_TIMEOUT, 7},
        {MSTR_E_THROTTLED, 8},
        {MSTR_E_UNAVAILABLE, 8},
        {MSTR_E_PROTOCOL, 8},
        {MSTR_E_PLUGIN, 9},
        {MSTR_E_EXISTS, 10},
        {MSTR_E_REQUEST, 10},
        {MSTR_E_SERVER, 10},
        {MSTR_E_ISERVER, 10},
        {MSTR_E_CANCELLED, 130},
        {MSTR_OK, 1},
        {(enum mstr_code)10000, 1},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_error *error = mstr_error_new();
        error_set(error, cases[i].code, "x");
        assert_int_equal(tool_status(error), cases[i].status);
        mstr_error_free(error);
    }
    assert_int_equal(tool_status(NULL), 1); /* no memory for an error */
}

static void what_the_iserver_says_stands_over_the_class(void **state)
{
    (void)state;
    static const struct {
        int32_t code;
        int status;
    } cases[] = {{-2147206497, 8}, {-2147209177, 8}, {-2147468986, 10}, {-2147072488, 10}, {-2147214568, 4}, {0, 4}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_error *error = mstr_error_new();
        error_set(error, MSTR_E_NOT_FOUND, "x");
        error_set_iserver_code(error, cases[i].code);
        assert_int_equal(tool_status(error), cases[i].status);
        mstr_error_free(error);
    }
}

static void a_store_that_finds_a_reference_invalid_is_a_matter_of_configuration(void **state)
{
    (void)state;
    mstr_error *error = mstr_error_new();
    error_set(error, MSTR_E_REQUEST, "x");
    error_set_provider(error, "corp");
    assert_int_equal(tool_status(error), 3);
    mstr_error_free(error);
}

/* What a test says through the tool, with a command and without. */
struct speech {
    int (*say)(struct tool *tool);
    const struct command *command;
    bool json;
};

static int speak(void *data)
{
    const struct speech *speech = data;
    struct tool tool = harness_tool(speech->command);
    tool.json = speech->json;
    int status = speech->say(&tool);
    harness_tool_free(&tool);
    return status;
}

static const struct outcome *hear(int (*say)(struct tool *tool), const struct command *command, bool json)
{
    return harness_call(speak, &(struct speech){say, command, json});
}

static int fail_at_a_store(struct tool *tool)
{
    error_set(tool->error, MSTR_E_DENIED, "the store said no");
    error_set_hint(tool->error, "ask \"%s\"", "ann");
    error_set_reference(tool->error, "corp:db");
    error_set_provider(tool->error, "corp");
    error_set_step(tool->error, "fetch");
    error_set_service_code(tool->error, "AccessDenied");
    error_set_request_id(tool->error, "r-1");
    error_set_http_status(tool->error, 403);
    error_set_iserver_code(tool->error, -2147216959);
    return tool_fail(tool);
}

static void a_failure_names_its_reference_and_hints(void **state)
{
    (void)state;
    assert_outcome(hear(fail_at_a_store, &command_get, false), 5, "",
                   "mstr: corp:db: the store said no\nhint: ask \"ann\"\n");
}

static void a_failure_in_json_tells_all_its_parts(void **state)
{
    (void)state;
    assert_outcome(hear(fail_at_a_store, &command_get, true), 5, "",
                   "{\"error\": \"denied\", \"message\": \"the store said no\", \"hint\": \"ask \\\"ann\\\"\", "
                   "\"reference\": \"corp:db\", \"provider\": \"corp\", \"step\": \"fetch\", \"service_code\": "
                   "\"AccessDenied\", \"request_id\": \"r-1\", \"http_status\": 403, \"iserver_code\": -2147216959, "
                   "\"exit_status\": 5}\n");
}

static int fail_with_the_reference_in_the_message(struct tool *tool)
{
    error_set(tool->error, MSTR_E_NOT_FOUND, "env:X is not there");
    error_set_reference(tool->error, "env:X");
    return tool_fail(tool);
}

static void a_reference_that_the_message_names_is_not_named_again(void **state)
{
    (void)state;
    assert_outcome(hear(fail_with_the_reference_in_the_message, &command_get, false), 4, "",
                   "mstr: env:X is not there\n");
}

static int fail_without_an_error(struct tool *tool)
{
    return tool_fail_with(tool, NULL);
}

static void without_memory_for_an_error_that_is_what_is_told(void **state)
{
    (void)state;
    assert_outcome(hear(fail_without_an_error, &command_get, false), 1, "", "mstr: out of memory\n");
}

static int misuse(struct tool *tool)
{
    return tool_usage(tool, "write %s", "better");
}

static void wrong_usage_hints_at_the_help_of_the_command(void **state)
{
    (void)state;
    assert_outcome(hear(misuse, &command_get, false), STATUS_USAGE, "",
                   "mstr: write better\nhint: mstr help get tells its options\n");
    assert_outcome(hear(misuse, NULL, false), STATUS_USAGE, "",
                   "mstr: write better\nhint: mstr help tells the commands\n");
    assert_outcome(hear(misuse, &command_get, true), STATUS_USAGE, "",
                   "{\"error\": \"usage\", \"message\": \"write better\", \"hint\": \"mstr help get tells its "
                   "options\", \"exit_status\": 2}\n");
}

static int meet_a_problem(struct tool *tool)
{
    return tool_problem(tool, 127, "%s: no such thing", "file");
}

static void a_problem_of_the_tool_has_the_status_it_is_given(void **state)
{
    (void)state;
    assert_outcome(hear(meet_a_problem, &command_get, false), 127, "", "mstr: file: no such thing\n");
    assert_outcome(hear(meet_a_problem, &command_get, true), 127, "",
                   "{\"error\": \"unexpected\", \"message\": \"file: no such thing\", \"hint\": null, "
                   "\"exit_status\": 127}\n");
}

static int fail_to_write(struct tool *tool)
{
    int status = tool_output_failed(tool, "file", EPIPE); /* in silence */
    return status == STATUS_NO_READER ? tool_output_failed(tool, "file", ENOSPC) : status;
}

static void output_that_failed_is_told_unless_nobody_reads_it(void **state)
{
    (void)state;
    assert_outcome(hear(fail_to_write, &command_get, false), STATUS_UNEXPECTED, "",
                   "mstr: file: No space left on device\n");
}

static int run_out_of_time(struct tool *tool)
{
    int status = tool_output_failed(tool, "file", ETIMEDOUT);
    return status == 7 ? tool_output_failed(tool, "file", ECANCELED) : status;
}

static void a_reader_that_takes_nothing_is_told_as_what_ended_the_wait(void **state)
{
    (void)state;
    assert_outcome(hear(run_out_of_time, &command_get, false), 130, "",
                   "mstr: file: was not taken in time\nmstr: file: interrupted\n");
}

static int fail_beside_the_place(struct tool *tool)
{
    tool_output_failed(tool, "file", EBUSY);
    return tool_output_failed(tool, "file", EROFS);
}

static void a_file_that_cannot_be_replaced_is_told_with_what_to_do(void **state)
{
    (void)state;
    assert_outcome(hear(fail_beside_the_place, &command_get, false), STATUS_UNEXPECTED, "",
                   "mstr: file: is mounted by itself and cannot be replaced; mount the folder that it is in\n"
                   "mstr: file: Read-only file system\n"
                   "hint: a file is whole or not touched: it is written beside its place, in a folder that must take "
                   "new files\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(each_class_has_its_exit_status),
        cmocka_unit_test(what_the_iserver_says_stands_over_the_class),
        CLI_TEST(a_store_that_finds_a_reference_invalid_is_a_matter_of_configuration),
        CLI_TEST(a_failure_names_its_reference_and_hints),
        CLI_TEST(a_failure_in_json_tells_all_its_parts),
        CLI_TEST(a_reference_that_the_message_names_is_not_named_again),
        CLI_TEST(without_memory_for_an_error_that_is_what_is_told),
        CLI_TEST(wrong_usage_hints_at_the_help_of_the_command),
        CLI_TEST(output_that_failed_is_told_unless_nobody_reads_it),
        CLI_TEST(a_reader_that_takes_nothing_is_told_as_what_ended_the_wait),
        CLI_TEST(a_file_that_cannot_be_replaced_is_told_with_what_to_do),
        CLI_TEST(a_problem_of_the_tool_has_the_status_it_is_given),
    };
    return RUN_CLI_TESTS("cli/failure");
}
