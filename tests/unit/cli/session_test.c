/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/session.c: a session that is kept between runs */
#include "unit/cli/harness.h"
#include "unit/cli/server.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY "persistence_key = a long enough passphrase\n"

static const struct answer answers[] = {
    {"GET /api/sessions ", "200 OK", "{\"timeout\":1800}"},
    {"GET /api/sessions/userInfo ", "200 OK", "{\"id\":\"A1\",\"fullName\":\"Ann \\\"A\\\"\"}"},
    {"PUT /api/sessions ", "204 No Content", ""},
    {NULL, NULL, NULL},
};
/* Of a server with as little to tell as can be, that cannot end sessions. */
static const struct answer terse[] = {
    {"GET /api/sessions ", "200 OK", "{}"},
    {"GET /api/sessions/userInfo ", "200 OK", "{}"},
    {"POST /api/auth/logout ", "400 Bad Request", "{\"code\":\"ERR001\",\"message\":\"busy\"}"},
    {NULL, NULL, NULL},
};

static struct server *server;

/* A saved session, in the place that is the default, at a server with these answers. */
static void save(const struct answer *table)
{
    server = server_start(table, KEY);
    assert_outcome(run_command(command_session, "login"), STATUS_DONE, "", "");
}

static bool is_saved(void)
{
    return access(harness_path(".local/state/mstr/default.session"), F_OK) == 0;
}

static int stop(void **state)
{
    (void)state;
    if (server != NULL) {
        server_stop(server);
        server = NULL;
    }
    unlink(harness_path(".local/state/mstr/default.session"));
    return 0;
}

static void a_login_keeps_a_session_that_is_shown_as_the_server_knows_it(void **state)
{
    (void)state;
    save(answers);
    assert_true(is_saved());
    assert_outcome(run_command(command_session, "show"), STATUS_DONE,
                   "Ann \"A\"\tA1\tends after 1800 s without a request\n", "");
    assert_outcome(run_command(command_session, "show", "--json"), STATUS_DONE,
                   "{\"id\": \"A1\", \"fullName\": \"Ann \\\"A\\\"\", \"timeout\": 1800}\n", "");
    assert_int_equal(server_count(server, "POST /api/auth/login "), 1);
    assert_int_equal(server_count(server, "POST /api/auth/logout "), 0);
}

static void what_the_server_does_not_know_is_left_out(void **state)
{
    (void)state;
    save(terse);
    assert_outcome(run_command(command_session, "show"), STATUS_DONE, "somebody without a name\n", "");
    assert_outcome(run_command(command_session, "show", "--json"), STATUS_DONE,
                   "{\"id\": null, \"fullName\": null}\n", "");
}

static void a_session_that_ended_is_told_and_not_opened_anew(void **state)
{
    (void)state;
    static const struct answer ended[] = {
        {"GET /api/sessions ", "401 Unauthorized", "{\"code\":\"ERR009\",\"message\":\"it ended\"}"},
        {NULL, NULL, NULL},
    };
    save(ended);
    const struct outcome *done = run_command(command_session, "show");
    assert_int_equal(done->status, 6);
    assert_string_equal(done->output, "");
    assert_int_equal(server_count(server, "POST /api/auth/login "), 1);
}

static bool read_only;

/* In place of the system's, as root may write everywhere. */
int access(const char *path, int mode)
{
    return read_only && mode == W_OK ? -1 : faccessat(AT_FDCWD, path, mode, 0);
}

static void one_that_ended_is_opened_anew_only_where_it_can_be_saved(void **state)
{
    (void)state;
    static const struct answer ended[] = {
        {"GET /api/things ", "401 Unauthorized", "{\"code\":\"ERR009\",\"message\":\"it ended\"}"},
        {NULL, NULL, NULL},
    };
    save(ended);
    read_only = true;
    const struct outcome *done = run_command(command_api, "--session", "things");
    assert_int_equal(done->status, 6);
    assert_non_null(strstr(done->errors, "mstr: the session is not renewed, as nothing can be saved beside /"));
    assert_int_equal(server_count(server, "POST /api/auth/login "), 1);

    read_only = false;
    assert_int_equal(run_command(command_api, "--session", "things")->status, 6);
    assert_int_equal(server_count(server, "POST /api/auth/login "), 2);
}

static void an_extension_and_a_logout_reach_the_server(void **state)
{
    (void)state;
    save(answers);
    assert_outcome(run_command(command_session, "extend"), STATUS_DONE, "", "");
    assert_int_equal(server_count(server, "PUT /api/sessions "), 1);
    assert_true(is_saved());
    assert_outcome(run_command(command_session, "logout"), STATUS_DONE, "", "");
    assert_int_equal(server_count(server, "POST /api/auth/logout "), 1);
    assert_false(is_saved());
}

static void a_logout_that_failed_can_be_tried_again(void **state)
{
    (void)state;
    save(terse);
    const struct outcome *done = run_command(command_session, "logout", "--timeout", "5s");
    assert_int_not_equal(done->status, STATUS_DONE);
    assert_non_null(strstr(done->errors, "busy"));
    assert_true(is_saved());
}

static void its_plain_form_goes_out_and_in_again(void **state)
{
    (void)state;
    char plain[4096];
    save(answers);
    const struct outcome *done = run_command(command_session, "export");
    assert_int_equal(done->status, STATUS_DONE);
    assert_non_null(strstr(done->output, "token-1"));
    memcpy(plain, done->output, done->output_length + 1);
    unlink(harness_path(".local/state/mstr/default.session"));

    harness_input(plain, strlen(plain));
    assert_outcome(run_command(command_session, "import"), STATUS_DONE, "", "");
    assert_true(is_saved());
    assert_int_equal(run_command(command_session, "show")->status, STATUS_DONE);
    assert_int_equal(server_count(server, "POST /api/auth/login "), 1);
}

static void what_is_no_session_is_not_imported(void **state)
{
    (void)state;
    server = server_start(answers, KEY);
    harness_input("[]", 2);
    const struct outcome *done = run_command(command_session, "import");
    assert_int_equal(done->status, STATUS_USAGE);
    assert_memory_equal(done->errors, "mstr: ", 6);
    assert_false(is_saved());
}

static int run_on_a_folder(void *data)
{
    int folder = open("/", O_RDONLY | O_CLOEXEC);
    dup2(folder, STDIN_FILENO);
    close(folder);
    return command_line_run(data);
}

static void input_that_cannot_be_read_is_told(void **state)
{
    (void)state;
    static const char *const words[] = {"import", NULL};
    assert_outcome(harness_call(run_on_a_folder, &(struct command_line){&command_session, words}), STATUS_UNEXPECTED,
                   "", "mstr: standard input: Is a directory\n");
}

static void a_session_that_cannot_be_kept_is_not_opened(void **state)
{
    (void)state;
    server = server_start(answers, "");
    const struct outcome *done = run_command(command_session, "login");
    assert_int_equal(done->status, STATUS_CONFIG);
    assert_non_null(strstr(done->errors, "persistence_key"));
    assert_int_equal(server_count(server, "POST /api/auth/login "), 0);
    assert_false(is_saved());
}

/* As on a full disk: an empty file can be made, and nothing of a session's length is written to it. */
static int run_without_room(void *data)
{
    struct rlimit before;
    getrlimit(RLIMIT_FSIZE, &before);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){200, before.rlim_max});
    int status = command_line_run(data);
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, handler);
    return status;
}

static void one_that_could_not_be_kept_after_all_is_closed_again(void **state)
{
    static const char *const words[] = {"login", NULL};
    (void)state;
    server = server_start(answers, KEY);
    const struct outcome *done = harness_call(run_without_room, &(struct command_line){&command_session, words});
    assert_int_equal(done->status, STATUS_CONFIG);
    assert_non_null(strstr(done->errors, "File too large"));
    assert_int_equal(server_count(server, "POST /api/auth/login "), 1);
    assert_int_equal(server_count(server, "POST /api/auth/logout "), 1);
    assert_false(is_saved());
}

static void what_is_no_regular_file_is_refused_before_a_login_and_stays(void **state)
{
    (void)state;
    static const char *const actions[] = {"login", "import"};
    static const char *const names[] = {"pipe", "link"};
    server = server_start(answers, KEY);
    assert_int_equal(mkfifo(harness_path("pipe"), 0600), 0);
    assert_int_equal(symlink("nowhere", harness_path("link")), 0);
    for (size_t i = 0; i < COUNT_OF(actions) * COUNT_OF(names); i++) {
        char path[256];
        char expected[320];
        struct stat facts;
        snprintf(path, sizeof path, "%s", harness_path(names[i / 2]));
        snprintf(expected, sizeof expected, "mstr: %s is not a file of a saved session\n", path);
        assert_outcome(run_command(command_session, actions[i % 2], "--session-file", path), STATUS_CONFIG, "",
                       expected);
        assert_int_equal(lstat(path, &facts), 0);
        assert_false(S_ISREG(facts.st_mode));
    }
    assert_int_equal(server_count(server, ""), 0);
    unlink(harness_path("pipe"));
    unlink(harness_path("link"));
}

static void without_a_saved_session_nothing_is_asked(void **state)
{
    (void)state;
    static const char *const actions[] = {"show", "extend", "logout", "export"};
    server = server_start(answers, KEY);
    for (size_t i = 0; i < COUNT_OF(actions); i++) {
        const struct outcome *done = run_command(command_session, actions[i]);
        assert_int_equal(done->status, STATUS_NOT_FOUND);
        assert_string_equal(done->output, "");
        assert_non_null(strstr(done->errors, "; mstr session login makes one\n"));
    }
    assert_int_equal(server_count(server, ""), 0);
}

static void a_profile_that_can_name_no_file_needs_one_named(void **state)
{
    (void)state;
    setenv("MSTR_PROFILE", "../eu", 1);
    assert_outcome(run_command(command_session, "show"), STATUS_CONFIG, "",
                   "mstr: there is no place for the saved session; name one with --session-file\n");
}

static void wrong_usage_is_told_with_a_way_out(void **state)
{
    (void)state;
#define HINT "hint: mstr help session tells its options\n"
    assert_outcome(run_command(command_session, NULL), STATUS_USAGE, "",
                   "mstr: say what to do with the saved session\n" HINT);
    assert_outcome(
        run_command(command_session, "renew"), STATUS_USAGE, "",
        "mstr: there is no \"session renew\"; there are login, show, extend, logout, export and import\n" HINT);
    assert_outcome(run_command(command_session, "show", "more"), STATUS_USAGE, "",
                   "mstr: unexpected argument \"more\"\n" HINT);
    assert_outcome(run_command(command_session, "--none"), STATUS_USAGE, "", "mstr: unknown option --none\n" HINT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, harness_reset, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_login_keeps_a_session_that_is_shown_as_the_server_knows_it),
        TEST(what_the_server_does_not_know_is_left_out),
        TEST(a_session_that_ended_is_told_and_not_opened_anew),
        TEST(one_that_ended_is_opened_anew_only_where_it_can_be_saved),
        TEST(an_extension_and_a_logout_reach_the_server),
        TEST(a_logout_that_failed_can_be_tried_again),
        TEST(its_plain_form_goes_out_and_in_again),
        TEST(what_is_no_session_is_not_imported),
        TEST(input_that_cannot_be_read_is_told),
        TEST(a_session_that_cannot_be_kept_is_not_opened),
        TEST(one_that_could_not_be_kept_after_all_is_closed_again),
        TEST(what_is_no_regular_file_is_refused_before_a_login_and_stays),
        TEST(without_a_saved_session_nothing_is_asked),
        TEST(a_profile_that_can_name_no_file_needs_one_named),
        TEST(wrong_usage_is_told_with_a_way_out),
    };
    return RUN_CLI_TESTS("cli/session");
}
