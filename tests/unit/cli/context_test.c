/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/context.c: the context of a run, its log, and sessions that end with the run */
#include "cli/context.h"

#include "cli/deadline.h"
#include "unit/cli/harness.h"
#include "unit/cli/server.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct answer no_answers[] = {{NULL, NULL, NULL}};

static void a_call_has_the_limits_of_the_run(void **state)
{
    (void)state;
    struct tool tool = harness_tool(&command_get);
    deadline_set(&tool, 600000);
    mstr_call_options call = tool_call(&tool);
    assert_true(call.timeout > 0 && call.timeout <= 600000);
    assert_ptr_equal(call.cancel, tool.cancel);
    harness_tool_free(&tool);
}

static int make_context(void *data)
{
    struct tool *tool = data;
    if (tool_context(tool) != MSTR_OK) {
        return tool_fail(tool);
    }
    mstr_context *first = tool->context;
    return tool_context(tool) == MSTR_OK && tool->context == first ? STATUS_DONE : STATUS_UNEXPECTED;
}

static void a_run_has_one_context(void **state)
{
    (void)state;
    struct tool tool = harness_tool(&command_get);
    assert_outcome(harness_call(make_context, &tool), STATUS_DONE, "", "");
    harness_tool_free(&tool);
}

static void a_wrong_configuration_is_told(void **state)
{
    (void)state;
    struct tool tool = harness_tool(&command_get);
    harness_config("[profil default]\n");
    const struct outcome *done = harness_call(make_context, &tool);
    assert_int_equal(done->status, STATUS_CONFIG);
    assert_non_null(strstr(done->errors, "config:1: "));
    harness_tool_free(&tool);
}

/* As main() makes it. */
static int make_context_in_time(void *data)
{
    struct tool *tool = data;
    deadline_set(tool, 20);
    return make_context(tool);
}

static void a_configuration_that_nobody_writes_is_given_up_in_time(void **state)
{
    (void)state;
    struct tool tool = harness_tool(&command_get);
    assert_int_equal(mkfifo(harness_path("pipe"), 0600), 0);
    setenv("MSTR_CONFIG", harness_path("pipe"), 1);
    const struct outcome *done = harness_call(make_context_in_time, &tool);
    assert_int_equal(done->status, 7);
    assert_non_null(strstr(done->errors, "/pipe was not read in time"));
    assert_int_equal(unlink(harness_path("pipe")), 0);
    harness_tool_free(&tool);
}

static void the_level_of_the_log_comes_from_the_environment_where_no_option_says_it(void **state)
{
    (void)state;
    static const struct {
        const char *option, *variable;
        enum mstr_level level;
    } cases[] = {
        {NULL, "info", MSTR_LEVEL_INFO}, {"trace", "info", MSTR_LEVEL_TRACE}, {"warn", "loud", MSTR_LEVEL_WARN},
        {"error", "", MSTR_LEVEL_ERROR}, {"debug", NULL, MSTR_LEVEL_DEBUG},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct tool tool = harness_tool(&command_get);
        harness_reset(NULL);
        if (cases[i].variable != NULL) {
            setenv("MSTR_LOG", cases[i].variable, 1);
        }
        assert_true(cases[i].option == NULL || tool_log_level(&tool, cases[i].option));
        assert_int_equal(tool_context(&tool), MSTR_OK);
        assert_int_equal(tool.options.log_level, cases[i].level);
        assert_non_null(tool.options.log);
        harness_tool_free(&tool);
    }
}

static void a_level_that_there_is_not_is_refused(void **state)
{
    (void)state;
    struct tool tool = harness_tool(&command_get);
    assert_false(tool_log_level(&tool, "loud"));
    assert_null(tool.options.log);
    setenv("MSTR_LOG", "loud", 1);
    assert_outcome(harness_call(make_context, &tool), STATUS_USAGE, "",
                   "mstr: MSTR_LOG: there is no log level \"loud\"; there are error, warn, info, debug and trace\n");
    assert_null(tool.context);
    harness_tool_free(&tool);
}

static int write_log(void *data)
{
    struct tool *tool = data;
    tool_log_level(tool, "debug");
    tool->options.log(MSTR_LEVEL_WARN, "http", "slow", tool->options.log_data);
    return 0;
}

static void a_line_of_the_log_goes_to_standard_error(void **state)
{
    (void)state;
    struct tool tool = harness_tool(&command_get);
    assert_outcome(harness_call(write_log, &tool), 0, "", "warn http: slow\n");
    harness_tool_free(&tool);
}

/* To a pipe that nobody reads. */
static int write_much_log(void *data)
{
    struct tool *tool = data;
    int ends[2];
    if (pipe(ends) != 0 || dup2(ends[1], STDERR_FILENO) < 0) {
        return -1;
    }
    tool_log_level(tool, "debug");
    deadline_set(tool, 50);
    for (int i = 0; i < 20000; i++) {
        tool->options.log(MSTR_LEVEL_WARN, "http", "slow", tool->options.log_data);
    }
    return 0;
}

static void a_log_that_nobody_takes_is_waited_for_as_long_as_the_run_lasts(void **state)
{
    (void)state;
    struct tool tool = harness_tool(&command_get);
    assert_outcome(harness_call(write_much_log, &tool), 0, "", "");
    harness_tool_free(&tool);
}

static int open_and_end(void *data)
{
    struct tool *tool = data;
    const mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    mstr_session *session = NULL;
    int status = tool_session(tool, &options, &session) == MSTR_OK ? STATUS_DONE : tool_fail(tool);
    tool_session_end(tool, session);
    return status;
}

static void a_session_is_opened_and_ended(void **state)
{
    (void)state;
    struct server *server = server_start(no_answers, "");
    struct tool tool = harness_tool(&command_get);
    assert_outcome(harness_call(open_and_end, &tool), STATUS_DONE, "", "");
    assert_int_equal(server_count(server, "POST /api/auth/login "), 1);
    assert_int_equal(server_count(server, "POST /api/auth/logout "), 1);
    harness_tool_free(&tool);
    server_stop(server);
}

static void a_refused_login_is_told_and_there_is_nothing_to_log_out(void **state)
{
    (void)state;
    static const struct answer answers[] = {
        {"POST /api/auth/login ", "401 Unauthorized", "{\"code\":\"ERR003\",\"message\":\"no\"}"},
        {NULL, NULL, NULL}};
    struct server *server = server_start(answers, "");
    struct tool tool = harness_tool(&command_get);
    const struct outcome *done = harness_call(open_and_end, &tool);
    assert_int_equal(done->status, 6);
    assert_non_null(strstr(done->errors, "(ERR003)"));
    assert_int_equal(server_count(server, "POST /api/auth/logout "), 0);
    harness_tool_free(&tool);
    server_stop(server);
}

static void a_logout_that_fails_is_a_note_for_people(void **state)
{
    (void)state;
    static const struct answer answers[] = {
        {"POST /api/auth/logout ", "400 Bad Request", "{\"code\":\"ERR001\",\"message\":\"busy\"}"},
        {NULL, NULL, NULL}};
    struct server *server = server_start(answers, "");
    for (int json = 0; json < 2; json++) {
        struct tool tool = harness_tool(&command_get);
        tool.json = json != 0;
        const struct outcome *done = harness_call(open_and_end, &tool);
        assert_int_equal(done->status, STATUS_DONE);
        assert_int_equal(strstr(done->errors, "mstr: the session was not logged out: ") == done->errors, json == 0);
        assert_int_equal(done->errors[0] == '\0', json != 0);
        harness_tool_free(&tool);
    }
    server_stop(server);
}

static int open_and_end_late(void *data)
{
    struct tool *tool = data;
    const mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    mstr_session *session = NULL;
    int status = tool_session(tool, &options, &session) == MSTR_OK ? STATUS_DONE : tool_fail(tool);
    tool->deadline = tool->interrupted == NULL ? 1 : 0; /* long past, or none */
    tool_session_end(tool, session);
    return status;
}

static void a_logout_is_not_waited_for_beyond_a_second_where_time_is_up_or_somebody_waits(void **state)
{
    (void)state;
    static const struct answer answers[] = {{"POST /api/auth/logout ", NULL, NULL}, {NULL, NULL, NULL}};
    static const volatile sig_atomic_t number = SIGINT;
    struct server *server = server_start(answers, "");
    for (int interrupted = 0; interrupted < 2; interrupted++) {
        struct tool tool = harness_tool(&command_get);
        tool.interrupted = interrupted ? &number : NULL;
        const struct outcome *done = harness_call(open_and_end_late, &tool);
        const char *within = strstr(done->errors, "mstr: the session was not logged out: no complete answer");
        within = within != NULL ? strstr(within, " within ") : NULL;
        assert_non_null(within);
        assert_in_range(strtol(within + strlen(" within "), NULL, 10), 1, 1000); /* ms, less what went by before */
        assert_int_equal(done->status, STATUS_DONE);
        assert_int_equal(server_count(server, "POST /api/auth/logout "), 1 + interrupted);
        harness_tool_free(&tool);
    }
    server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(a_call_has_the_limits_of_the_run),
        CLI_TEST(a_run_has_one_context),
        CLI_TEST(a_wrong_configuration_is_told),
        CLI_TEST(a_configuration_that_nobody_writes_is_given_up_in_time),
        CLI_TEST(the_level_of_the_log_comes_from_the_environment_where_no_option_says_it),
        CLI_TEST(a_level_that_there_is_not_is_refused),
        CLI_TEST(a_line_of_the_log_goes_to_standard_error),
        CLI_TEST(a_log_that_nobody_takes_is_waited_for_as_long_as_the_run_lasts),
        CLI_TEST(a_session_is_opened_and_ended),
        CLI_TEST(a_refused_login_is_told_and_there_is_nothing_to_log_out),
        CLI_TEST(a_logout_is_not_waited_for_beyond_a_second_where_time_is_up_or_somebody_waits),
        CLI_TEST(a_logout_that_fails_is_a_note_for_people),
    };
    return RUN_CLI_TESTS("cli/context");
}
