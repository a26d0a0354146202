/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/session_file.c: where the saved session of a profile is, and taking it up */
#define _GNU_SOURCE /* memmem() */
#include "cli/session_file.h"

#include "cli/context.h"
#include "unit/cli/harness.h"
#include "unit/cli/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static const struct answer no_answers[] = {{NULL, NULL, NULL}};
#define KEY "persistence_key = a long enough passphrase\n"

static void the_file_is_that_of_the_profile(void **state)
{
    (void)state;
    static const struct {
        const char *given, *profile, *variable, *state, *home;
        const char *path; /* NULL = there is none */
    } cases[] = {
        {"here", "eu", NULL, "/state", "/tmp", "here"},
        {NULL, NULL, NULL, "/state", "/tmp", "/state/mstr/default.session"},
        {NULL, "eu", "us", "/state", "/tmp", "/state/mstr/eu.session"},
        {NULL, NULL, "us", "/state", "/tmp", "/state/mstr/us.session"},
        {NULL, NULL, "", NULL, "/tmp", "/tmp/.local/state/mstr/default.session"},
        {NULL, NULL, NULL, "relative", "/tmp", "/tmp/.local/state/mstr/default.session"},
        {NULL, "../eu", NULL, "/state", "/tmp", NULL},
        {NULL, NULL, NULL, NULL, "relative", NULL},
        {NULL, NULL, NULL, NULL, "/dev/null", NULL},
        {NULL, NULL, NULL, NULL, "/nonexistent", NULL},
        {"", NULL, NULL, NULL, "/tmp", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct tool tool = harness_tool(&command_session);
        tool.profile = cases[i].profile;
        setenv("HOME", cases[i].home, 1);
        cases[i].state != NULL ? setenv("XDG_STATE_HOME", cases[i].state, 1) : unsetenv("XDG_STATE_HOME");
        cases[i].variable != NULL ? setenv("MSTR_PROFILE", cases[i].variable, 1) : unsetenv("MSTR_PROFILE");
        char *path = session_file_path(&tool, cases[i].given);
        if (cases[i].path != NULL) {
            assert_string_equal(path, cases[i].path);
        } else {
            assert_null(path);
            assert_int_equal(mstr_error_code(tool.error), MSTR_E_CONFIG);
            assert_string_equal(mstr_error_message(tool.error),
                                "there is no place for the saved session; name one with --session-file");
        }
        free(path);
        harness_tool_free(&tool);
    }
}

static void a_path_that_is_too_long_is_none(void **state)
{
    (void)state;
    static char given[5000];
    struct tool tool = harness_tool(&command_session);
    memset(given, 'x', sizeof given - 1);
    assert_null(session_file_path(&tool, given));
    harness_tool_free(&tool);
}

static void folders_above_the_file_are_the_users_alone(void **state)
{
    (void)state;
    struct tool tool = harness_tool(&command_session);
    struct stat folder;
    for (int again = 0; again < 2; again++) {
        assert_int_equal(session_file_prepare(&tool, harness_path("state/mstr/default.session")), MSTR_OK);
    }
    assert_int_equal(stat(harness_path("state/mstr"), &folder), 0);
    assert_int_equal(folder.st_mode, S_IFDIR | 0700);
    assert_int_not_equal(stat(harness_path("state/mstr/default.session"), &folder), 0);
    harness_tool_free(&tool);
}

static void a_folder_that_cannot_be_made_is_named(void **state)
{
    (void)state;
    struct tool tool = harness_tool(&command_session);
    assert_int_equal(session_file_prepare(&tool, "/proc/none/file"), MSTR_E_CONFIG);
    assert_string_equal(mstr_error_message(tool.error), "/proc/none: No such file or directory");
    harness_tool_free(&tool);
}

/* Opens a session at the server and saves it in the test's folder; it stays open at the server. */
static void save_one(struct tool *tool)
{
    const mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    mstr_session *session = NULL;
    assert_int_equal(tool_session(tool, &options, &session), MSTR_OK);
    assert_int_equal(session_file_prepare(tool, harness_path("state/one")), MSTR_OK);
    assert_int_equal(session_file_save(tool, harness_path("state/one"), session), MSTR_OK);
    session_file_leave(session);
}

static void a_session_is_saved_sealed_and_taken_up_without_a_login(void **state)
{
    (void)state;
    struct server *server = server_start(no_answers, KEY);
    struct tool tool = harness_tool(&command_session);
    mstr_session *session = NULL;
    char sealed[4096] = "";
    save_one(&tool);
    FILE *file = fopen(harness_path("state/one"), "rb");
    assert_true(fread(sealed, 1, sizeof sealed, file) > 0);
    fclose(file);
    assert_null(memmem(sealed, sizeof sealed, "token-1", 7));

    assert_int_equal(session_file_load(&tool, harness_path("state/one"), 0, &session), MSTR_OK);
    assert_true(mstr_session_is_open(session));
    session_file_leave(session);
    assert_int_equal(server_count(server, "POST /api/auth/login "), 1);
    assert_int_equal(server_count(server, "POST /api/auth/logout "), 0);
    harness_tool_free(&tool);
    server_stop(server);
}

static void a_new_session_is_not_open(void **state)
{
    (void)state;
    struct server *server = server_start(no_answers, KEY);
    struct tool tool = harness_tool(&command_session);
    mstr_session *session = NULL;
    assert_int_equal(session_file_new(&tool, MSTR_SESSION_NO_RELOGIN, &session), MSTR_OK);
    assert_false(mstr_session_is_open(session));
    session_file_leave(session);
    assert_int_equal(server_count(server, ""), 0);
    harness_tool_free(&tool);
    server_stop(server);
}

static void without_a_saved_session_the_way_to_one_is_told(void **state)
{
    (void)state;
    char message[256];
    struct server *server = server_start(no_answers, KEY);
    struct tool tool = harness_tool(&command_session);
    mstr_session *session = NULL;
    assert_int_equal(session_file_load(&tool, harness_path("none"), 0, &session), MSTR_E_NOT_FOUND);
    snprintf(message, sizeof message, "there is no saved session in %s; mstr session login makes one",
             harness_path("none"));
    assert_string_equal(mstr_error_message(tool.error), message);
    session_file_leave(session);
    harness_tool_free(&tool);
    server_stop(server);
}

static void nothing_can_be_left(void **state)
{
    (void)state;
    session_file_leave(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(the_file_is_that_of_the_profile),
        CLI_TEST(a_path_that_is_too_long_is_none),
        CLI_TEST(folders_above_the_file_are_the_users_alone),
        CLI_TEST(a_folder_that_cannot_be_made_is_named),
        CLI_TEST(a_session_is_saved_sealed_and_taken_up_without_a_login),
        CLI_TEST(a_new_session_is_not_open),
        CLI_TEST(without_a_saved_session_the_way_to_one_is_told),
        CLI_TEST(nothing_can_be_left),
    };
    return RUN_CLI_TESTS("cli/session_file");
}
