/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/doctor.c: every step from a reference to its value, or of all that a profile needs up to the login */
#include "unit/cli/doctor.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

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
    doctor_forget_logins();
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
        DOCTOR_TEST(the_way_to_a_value_is_told_step_by_step),
        DOCTOR_TEST(a_step_that_failed_hints_and_gives_the_status),
        DOCTOR_TEST(the_fleets_store_is_told_before_the_login_and_gives_the_status),
        DOCTOR_TEST(json_has_a_list_of_steps_for_each_subject),
        DOCTOR_TEST(each_alternative_is_a_subject_once),
        DOCTOR_TEST(a_login_that_fails_is_the_last_step),
        DOCTOR_TEST(an_alternative_that_fails_does_no_harm_where_the_login_works),
        DOCTOR_TEST(a_bundle_tells_no_name),
        DOCTOR_TEST(the_profile_is_that_of_the_run),
        DOCTOR_TEST(wrong_usage_and_configuration_are_told),
    };
    return RUN_CLI_TESTS("cli/doctor");
}
