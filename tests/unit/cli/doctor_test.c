/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/doctor.c: every step from a reference to its value, or of all that a profile needs up to the login */
#include "unit/cli/harness.h"
#include "unit/cli/server.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

static const struct answer no_answers[] = {{NULL, NULL, NULL}};

static void assert_told(const struct outcome *done, const char *text)
{
    if (strstr(done->output, text) == NULL) {
        fail_msg("\"%s\" is not in \"%s\"", text, done->output);
    }
}

static void the_way_to_a_value_is_told_step_by_step(void **state)
{
    (void)state;
    const struct outcome *done = run_command(command_doctor, "env:SECRET");
    assert_int_equal(done->status, STATUS_DONE);
    assert_string_equal(done->errors, "");
    assert_memory_equal(done->output, "env:SECRET\n", 11);
    assert_told(done, "\n  used     secret  ");
    assert_told(done, " ms  found\n");
    assert_null(strstr(done->output, "failed"));
}

static void a_step_that_failed_hints_and_gives_the_status(void **state)
{
    (void)state;
    const struct outcome *done = run_command(command_doctor, "env:NONE");
    assert_int_equal(done->status, STATUS_NOT_FOUND);
    assert_told(done, "\n  failed   secret  ");
    assert_told(done, " ms  environment variable NONE is not set\n           hint: check the name; ");
    assert_int_equal(run_command(command_doctor, "nothing")->status, STATUS_CONFIG);
}

/* The list of subjects that --json wrote, to be put. */
static struct json_object *subjects(const struct outcome *done, size_t count)
{
    struct json_object *list = json_tokener_parse(done->output);
    assert_true(json_object_is_type(list, json_type_array));
    assert_int_equal(json_object_array_length(list), count);
    return list;
}

static const char *text(struct json_object *object, const char *name)
{
    return json_object_get_string(json_object_object_get(object, name));
}

static struct json_object *last_step(struct json_object *subject)
{
    struct json_object *steps = json_object_object_get(subject, "steps");
    return json_object_array_get_idx(steps, json_object_array_length(steps) - 1);
}

static void json_has_a_list_of_steps_for_each_subject(void **state)
{
    (void)state;
    const struct outcome *done = run_command(command_doctor, "--json", "env:NONE");
    struct json_object *list = subjects(done, 1);
    struct json_object *subject = json_object_array_get_idx(list, 0);
    assert_int_equal(done->status, STATUS_NOT_FOUND);
    assert_string_equal(text(subject, "subject"), "env:NONE");
    assert_string_equal(text(last_step(subject), "step"), "secret");
    assert_string_equal(text(last_step(subject), "outcome"), "failed");
    assert_string_equal(text(last_step(subject), "detail"), "environment variable NONE is not set");
    assert_non_null(text(last_step(subject), "hint"));
    assert_true(json_object_is_type(json_object_object_get(last_step(subject), "ms"), json_type_int));
    json_object_put(list);
}

static void a_profile_is_examined_up_to_its_login(void **state)
{
    (void)state;
    struct server *server = server_start(no_answers, "");
    const struct outcome *done = run_command(command_doctor, NULL);
    assert_int_equal(done->status, STATUS_DONE);
    assert_memory_equal(done->output, "env:SECRET\n", 11);
    assert_told(done, "\nlogin\n  info     base_url  ");
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

static void each_alternative_is_a_subject_once(void **state)
{
    (void)state;
    static const char *const wanted[] = {"env:SECRET", "env:A B", "file:/no/such", "env:X", "login", "installation"};
    struct server *server = server_start(no_answers, "project = ${env:A B||file:/no/such || env:X}${env:SECRET}\n"
                                                     "[profile other]\nusername = ${env:OTHER}\n");
    setenv("X", "B7CA92F04B9FAE8D941C3E9B7E0CD754", 1);
    struct json_object *list = subjects(run_command(command_doctor, "--json"), COUNT_OF(wanted));
    for (size_t i = 0; i < COUNT_OF(wanted); i++) {
        assert_string_equal(text(json_object_array_get_idx(list, i), "subject"), wanted[i]);
    }
    json_object_put(list);
    server_stop(server);
}

/* Of other profiles nothing is told. */
static void what_check_says_of_the_profile_is_told_first(void **state)
{
    (void)state;
    harness_config("[profile default]\nbase_url = http://127.0.0.1:1/api/\nusername = ann\npassword = ${env:SECRET}\n"
                   "project = 'Team'\n[profile eu]\nproject = 'Other'\n");
    const struct outcome *done = run_command(command_doctor, NULL);
    assert_int_equal(done->status, 7);
    assert_memory_equal(done->output, "configuration\n  info     project  ", 33);
    assert_told(done, "config:5\n           hint: \"project\" has quotes around it");
    assert_null(strstr(done->output, "config:7"));
}

static void a_login_that_fails_is_the_last_step(void **state)
{
    (void)state;
    static const struct answer refused[] = {
        {"POST /api/auth/login ", "401 Unauthorized", "{\"code\":\"ERR003\",\"message\":\"who?\"}"},
        {NULL, NULL, NULL}};
    struct server *server = server_start(refused, "");
    const struct outcome *done = run_command(command_doctor, "--json");
    struct json_object *list = subjects(done, 3);
    assert_int_equal(done->status, 6);
    assert_string_equal(done->errors, "");
    struct json_object *login = last_step(json_object_array_get_idx(list, 1));
    assert_string_equal(text(login, "outcome"), "failed");
    assert_non_null(strstr(text(login, "detail"), "ERR003"));
    json_object_put(list);
    server_stop(server);
}

static void an_alternative_that_fails_does_no_harm_where_the_login_works(void **state)
{
    (void)state;
    struct server *server = server_start(no_answers, "api_key = ${env:NONE || env:SECRET}\nlogin_mode = standard\n");
    const struct outcome *done = run_command(command_doctor, NULL);
    assert_told(done, "failed   secret");
    assert_told(done, "logged in");
    assert_int_equal(done->status, STATUS_DONE);
    server_stop(server);
}

/* Every name that is planted here is somebody's. */
static void a_bundle_tells_no_name(void **state)
{
    static const char *const planted[] = {"c4n4ry", "127.0.0.1", "/tmp", "SECRET", "corp", "ann", "not set"};
    static const struct answer versions[] = {
        {"GET /api/status ", "200 OK", "{\"iServerVersion\":\"11.3.0960\"}"},
        {"GET /api/sessions ", "200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT", "{\"timeout\":600}"},
        {NULL, NULL, NULL},
    };
    (void)state;
    struct server *server =
        server_start(versions, "project = ${env:c4n4ry || file:/c4n4ry || env:X}\n[provider corp]\n"
                               "plugin = exec\ncommand = /c4n4ry/get\n");
    setenv("X", "B7CA92F04B9FAE8D941C3E9B7E0CD754", 1);
    static char told[16384];
    const struct outcome *done = run_command(command_doctor, NULL);
    assert_told(done, "\n  info     clock  ");
    assert_told(done, "hint: set it by NTP");
    assert_told(done, "  after 600 s without a request\n");
    assert_told(done, "\ninstallation\n  info     version  ");
    assert_told(done, "\n  info     plugin                       0 ms  corp: ");
    done = run_command(command_doctor, "--bundle", "--ids");
    strcpy(told, done->output);
    for (size_t i = 0; i < COUNT_OF(planted); i++) {
        if (strstr(told, planted[i]) != NULL) {
            fail_msg("\"%s\" is in \"%s\"", planted[i], told);
        }
    }
    json_object_put(subjects(done, 6));
    assert_told(done, "\"subject\": \"reference-1\"");
    assert_told(done,
                "{\"step\": \"session ends\", \"outcome\": \"info\", \"detail\": \"after 600 s without a request\"");
    assert_told(done, "\"class\": \"not-found\"");
    assert_int_equal(run_command(command_doctor, "--ids")->status, STATUS_USAGE);
    server_stop(server);
}

static void the_profile_is_that_of_the_run(void **state)
{
    (void)state;
    harness_config("[profile default]\nusername = ${env:NONE}\n[profile eu]\nusername = ${env:SECRET}\n");
    assert_told(run_command(command_doctor, "--profile", "eu"), "env:SECRET\n");
    setenv("MSTR_PROFILE", "eu", 1);
    const struct outcome *done = run_command(command_doctor, NULL);
    assert_told(done, "env:SECRET\n");
    assert_int_equal(done->status, STATUS_CONFIG); /* nothing says where to log in */
}

static void wrong_usage_and_configuration_are_told(void **state)
{
    (void)state;
    assert_outcome(run_command(command_doctor, "env:X", "env:Y"), STATUS_USAGE, "",
                   "mstr: unexpected argument \"env:Y\"\nhint: mstr help doctor tells its options\n");
    harness_config("[nonsense]\n");
    const struct outcome *done = run_command(command_doctor, "env:X");
    assert_int_equal(done->status, STATUS_CONFIG);
    assert_string_equal(done->output, "");
}

static void the_fleets_store_is_told_before_the_login_and_gives_the_status(void **state)
{
    static const char *const seals[] = {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
                                        "a phrase"};
    static const int statuses[] = {STATUS_DONE, STATUS_CONFIG};
    static const char *const told[] = {"\n  used     memory  ", "\n  failed   store  "};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(seals); i++) {
        char settings[512];
        snprintf(settings, sizeof settings,
                 "[plugins]\npath = " TEST_PLUGINS "\n[fleet]\nstore = memory\nspace = doctor\nseal_key = %s\n",
                 seals[i]);
        struct server *server = server_start(no_answers, settings);
        const struct outcome *done = run_command(command_doctor, NULL);
        assert_told(done, "fleet\n");
        assert_told(done, told[i]);
        assert_null(strstr(done->output, seals[i]));
        assert_int_equal(done->status, statuses[i]);
        assert_null(strstr(run_command(command_doctor, "--json")->output, seals[i]));
        server_stop(server);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(the_way_to_a_value_is_told_step_by_step),
        CLI_TEST(a_step_that_failed_hints_and_gives_the_status),
        CLI_TEST(the_fleets_store_is_told_before_the_login_and_gives_the_status),
        CLI_TEST(json_has_a_list_of_steps_for_each_subject),
        CLI_TEST(a_profile_is_examined_up_to_its_login),
        CLI_TEST(the_proxy_that_was_used_is_told_without_its_password),
        CLI_TEST(a_proxy_that_is_passed_by_is_not_told),
        CLI_TEST(each_alternative_is_a_subject_once),
        CLI_TEST(what_check_says_of_the_profile_is_told_first),
        CLI_TEST(a_login_that_fails_is_the_last_step),
        CLI_TEST(an_alternative_that_fails_does_no_harm_where_the_login_works),
        CLI_TEST(a_bundle_tells_no_name),
        CLI_TEST(the_profile_is_that_of_the_run),
        CLI_TEST(wrong_usage_and_configuration_are_told),
    };
    return RUN_CLI_TESTS("cli/doctor");
}
