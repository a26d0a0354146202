/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/doctor_login.c: both ways to a session, and when doctor logs in */
#include "unit/cli/doctor.h"

static void a_profile_is_examined_up_to_its_login(void **state)
{
    (void)state;
    struct server *server = server_start(no_answers, "");
    const struct outcome *done = run_command(command_doctor, NULL);
    assert_int_equal(done->status, STATUS_DONE);
    assert_memory_equal(done->output, "env:SECRET\n", 11);
    assert_told(done, "\n  info     base_url  ");
    assert_told(done, " ms  http://127.0.0.1:");
    assert_told(done, "/api/\n  info     name  ");
    assert_told(done, "\n  info     connect  ");
    assert_null(strstr(done->output, " tls ")); /* plain http */
    assert_told(done, "\n  used     login  ");
    assert_told(done, " ms  logged in\n");
    assert_int_equal(server_count(server, "POST /api/auth/login "), 1);
    assert_int_equal(server_count(server, "POST /api/auth/logout "), 1);
    server_stop(server);
}

/* What is sent through a proxy names the server. */
static const struct answer proxied[] = {
    {"POST http://", "204 No Content\r\nX-MSTR-AuthToken: token-1", ""},
    {NULL, NULL, NULL},
};

static void the_proxy_that_was_used_is_told_without_its_password(void **state)
{
    (void)state;
    char setting[128];
    char told[128];
    struct server *proxy = server_start(proxied, "");
    snprintf(setting, sizeof setting, "proxy = http://ann:secret@127.0.0.1:%u\n", server_port(proxy));
    snprintf(told, sizeof told, "  127.0.0.1:%u (proxy)\n", server_port(proxy));
    struct server *server = server_start(no_answers, setting);

    const struct outcome *done = run_command(command_doctor, NULL);

    assert_int_equal(done->status, STATUS_DONE);
    assert_told(done, "\n  info     proxy  ");
    assert_told(done, told);
    assert_null(strstr(done->output, "secret@"));
    server_stop(server);
    server_stop(proxy);
}

static void a_proxy_that_is_passed_by_is_not_told(void **state)
{
    (void)state;
    struct server *server = server_start(no_answers, "");
    setenv("http_proxy", "http://127.0.0.1:9", 1); /* not for loopback */
    const struct outcome *done = run_command(command_doctor, NULL);
    unsetenv("http_proxy");
    assert_int_equal(done->status, STATUS_DONE);
    assert_null(strstr(done->output, "proxy"));
    server_stop(server);
}

static void an_account_is_logged_in_once_a_minute_by_however_many_doctors(void **state)
{
    (void)state;
    struct server *server = server_start(no_answers, "");
    assert_int_equal(run_command(command_doctor, NULL)->status, STATUS_DONE);
    const struct outcome *done = run_command(command_doctor, "--login");
    assert_int_equal(done->status, STATUS_DONE);
    assert_told(done, "\n  skipped  login  ");
    assert_told(done, "it is tried once a minute, again in ");
    assert_int_equal(server_count(server, "POST /api/auth/login "), 1);
    assert_int_equal(server_count(server, "GET /api/status "), 2); /* the way is shown all the same */
    server_stop(server);
}

static void what_the_server_refused_is_not_sent_by_the_next_doctor(void **state)
{
    static const struct answer refused[] = {
        {"POST /api/auth/login ", "401 Unauthorized", "{\"code\":\"ERR003\",\"message\":\"who?\"}"},
        {NULL, NULL, NULL}};
    (void)state;
    struct server *server = server_start(refused, "");
    assert_int_equal(run_command(command_doctor, NULL)->status, 6);
    const struct outcome *done = run_command(command_doctor, "--login");
    assert_int_equal(done->status, 6);
    assert_told(done, "the server refused these credentials before; they are not sent again for ");
    assert_int_equal(server_count(server, "POST /api/auth/login "), 1);
    server_stop(server);
}

static void a_server_that_did_not_answer_was_not_logged_in_to(void **state)
{
    (void)state;
    harness_config("[profile default]\nbase_url = http://127.0.0.1:1/api/\nusername = ann\npassword = x\n");
    for (int i = 0; i < 2; i++) {
        const struct outcome *done = run_command(command_doctor, NULL);
        assert_int_equal(done->status, 7);
        assert_told(done, "\n  failed   login  ");
    }
}

/* A container may have no folder of its own; what is told there is told all the same. */
static void without_a_place_for_the_record_a_login_is_tried_each_time(void **state)
{
    (void)state;
    struct server *server = server_start(no_answers, "");
    setenv("XDG_STATE_HOME", "/dev/null", 1);
    for (int i = 0; i < 2; i++) {
        assert_told(run_command(command_doctor, NULL), "\n  used     login  ");
    }
    assert_int_equal(server_count(server, "POST /api/auth/login "), 2);
    server_stop(server);
}

static void the_limits_of_a_session_are_told(void **state)
{
    static const struct answer limits[] = {
        {"GET /api/sessions ", "200 OK", "{\"timeout\":600,\"workingSet\":10,\"maxSearch\":3}"}, {NULL, NULL, NULL}};
    (void)state;
    struct server *server = server_start(limits, "");
    const struct outcome *done = run_command(command_doctor, NULL);
    assert_told(done, "  after 600 s without a request\n");
    assert_told(done, "  10 results\n");
    assert_told(done, "  3 at once\n");
    server_stop(server);
}

/* A variable over the profile makes the session its caller's own. */
static void why_no_agent_is_asked_is_told(void **state)
{
    (void)state;
    struct server *server = server_start(no_answers, "");
    assert_told(run_command(command_doctor, "--agent", "/tmp/nowhere/agent.sock"), "\n  skipped  agent  ");
    assert_null(strstr(run_command(command_doctor, "--agent", "off")->output, " agent "));
    setenv("MSTR_USERNAME", "bob", 1);
    assert_told(run_command(command_doctor, "--agent", "auto"), "a variable stands over the profile");
    server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DOCTOR_TEST(a_profile_is_examined_up_to_its_login),
        DOCTOR_TEST(the_proxy_that_was_used_is_told_without_its_password),
        DOCTOR_TEST(a_proxy_that_is_passed_by_is_not_told),
        DOCTOR_TEST(an_account_is_logged_in_once_a_minute_by_however_many_doctors),
        DOCTOR_TEST(what_the_server_refused_is_not_sent_by_the_next_doctor),
        DOCTOR_TEST(a_server_that_did_not_answer_was_not_logged_in_to),
        DOCTOR_TEST(without_a_place_for_the_record_a_login_is_tried_each_time),
        DOCTOR_TEST(the_limits_of_a_session_are_told),
        DOCTOR_TEST(why_no_agent_is_asked_is_told),
    };
    return RUN_CLI_TESTS("cli/doctor_login");
}
