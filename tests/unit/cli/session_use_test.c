/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/session_use.c: work on a session of its own, or on the saved one; what becomes of that is api_test's
 * affair */
#include "cli/session_use.h"

#include "unit/cli/harness.h"
#include "unit/cli/server.h"

#include <stdio.h>
#include <unistd.h>

static const struct answer none[] = {{NULL, NULL, NULL}};

static int work(struct tool *tool, mstr_session *session, void *data)
{
    (void)tool;
    (void)data;
    return mstr_session_is_open(session) ? 7 : STATUS_UNEXPECTED;
}

static int use(void *data)
{
    struct tool tool = harness_tool(&command_api);
    tool.session_file = data;
    int status = tool_work(&tool, work, NULL);
    harness_tool_free(&tool);
    return status;
}

static void a_session_of_its_own_is_logged_out(void **state)
{
    (void)state;
    struct server *server = server_start(none, "");
    assert_outcome(harness_call(use, NULL), 7, "", "");
    assert_int_equal(server_count(server, "POST /api/auth/login "), 1);
    assert_int_equal(server_count(server, "POST /api/auth/logout "), 1);
    server_stop(server);
}

static void the_saved_one_stays_open(void **state)
{
    (void)state;
    char path[300];
    snprintf(path, sizeof path, "%s", harness_path("kept"));
    struct server *server = server_start(none, "persistence_key = a long enough passphrase\n");
    assert_int_equal(harness_call(use, path)->status, STATUS_NOT_FOUND);
    assert_outcome(run_command(command_session, "login", "--session-file", path), STATUS_DONE, "", "");
    assert_outcome(harness_call(use, path), 7, "", "");
    assert_int_equal(server_count(server, "POST /api/auth/login "), 1);
    assert_int_equal(server_count(server, "POST /api/auth/logout "), 0);
    server_stop(server);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(a_session_of_its_own_is_logged_out),
        CLI_TEST(the_saved_one_stays_open),
    };
    return RUN_CLI_TESTS("cli/session_use");
}
