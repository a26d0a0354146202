/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/session_use.c: a session of one's own, or the saved one */
#include "cli/session_use.h"

#include "cli/context.h"
#include "cli/output.h"
#include "unit/cli/harness.h"
#include "unit/cli/server.h"

#define KEY "persistence_key = a long enough passphrase\n"

static const struct answer answers[] = {{NULL, NULL, NULL}};

static int work(struct tool *tool, mstr_session *session, void *data)
{
    (void)tool;
    (void)data;
    output_puts(output_data, mstr_session_is_open(session) ? "open\n" : "not open\n");
    return STATUS_NOT_FOUND;
}

static int use(void *data)
{
    struct tool tool = harness_tool(&command_projects);
    int status = session_use(&tool, data, work, NULL);
    harness_tool_free(&tool);
    return status;
}

static void ones_own_session_is_logged_out_however_the_work_ends(void **state)
{
    (void)state;
    struct server *server = server_start(answers, KEY);
    struct session_use own = {.saved = false};
    assert_outcome(harness_call(use, &own), STATUS_NOT_FOUND, "open\n", "");
    assert_int_equal(server_count(server, "POST /api/auth/login "), 1);
    assert_int_equal(server_count(server, "POST /api/auth/logout "), 1);
    server_stop(server);
}

static void the_saved_session_stays_open(void **state)
{
    (void)state;
    struct server *server = server_start(answers, KEY);
    struct session_use saved = {.saved = true};
    assert_outcome(run_command(command_session, "login"), STATUS_DONE, "", "");
    assert_outcome(harness_call(use, &saved), STATUS_NOT_FOUND, "open\n", "");
    assert_int_equal(server_count(server, "POST /api/auth/login "), 1);
    assert_int_equal(server_count(server, "POST /api/auth/logout "), 0);
    server_stop(server);
}

static void without_a_saved_session_there_is_no_work(void **state)
{
    (void)state;
    struct server *server = server_start(answers, KEY);
    struct session_use elsewhere = {.file = "/nonexistent/session"};
    const struct outcome *done = harness_call(use, &elsewhere);
    assert_int_equal(done->status, STATUS_NOT_FOUND);
    assert_string_equal(done->output, "");
    assert_non_null(strstr(done->errors, "mstr session login makes one"));
    assert_int_equal(server_count(server, ""), 0);
    server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(ones_own_session_is_logged_out_however_the_work_ends),
        CLI_TEST(the_saved_session_stays_open),
        CLI_TEST(without_a_saved_session_there_is_no_work),
    };
    return RUN_CLI_TESTS("cli/session_use");
}
