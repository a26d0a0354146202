/* SPDX-License-Identifier: Apache-2.0 */
/* core/session/login/fleet_login.c: sessions of several machines that are one, over a server inside the test */
#include "fleet_machines.h"

#include "base/clock.h"

#include <stdatomic.h>

static void two_machines_have_one_session(void **state)
{
    const struct machine one = machine_new();
    const struct machine other = machine_new();
    (void)state;
    open_well(&one);
    open_well(&other);
    request_well(&one);
    request_well(&other);
    assert_int_equal(server.logins, 1);
    machine_free(&one);
    request_well(&other);
    machine_free(&other);
    assert_int_equal(server.logouts, 0);
}

static void a_session_that_ended_is_begun_once_more_by_one(void **state)
{
    const struct machine one = machine_new();
    const struct machine other = machine_new();
    (void)state;
    open_well(&one);
    open_well(&other);
    expire_all();
    request_well(&one);
    request_well(&other);
    assert_int_equal(server.logins, 2);
    machine_free(&one);
    machine_free(&other);
}

enum { MACHINES = 4, THREADS = 16 };

static void *send_some(void *data)
{
    for (int i = 0; i < 10; i++) {
        request_well(data);
    }
    return NULL;
}

static void a_storm_of_expired_sessions_makes_one_login(void **state)
{
    struct machine machines[MACHINES];
    pthread_t threads[THREADS];
    (void)state;
    for (size_t i = 0; i < MACHINES; i++) {
        machines[i] = machine_new();
        open_well(&machines[i]);
    }
    expire_all();
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, send_some, &machines[i % MACHINES]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(server.logins, 2);
    assert_int_equal(server.served, THREADS * 10);
    for (size_t i = 0; i < MACHINES; i++) {
        machine_free(&machines[i]);
    }
}

static void sessions_of_nobody_and_those_of_no_fleet_are_not_shared(void **state)
{
    static const char *const profiles[] = {"login_mode = anonymous", "identity_token = t",
                                           "fleet =\nusername = analyst\npassword = x"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(profiles); i++) {
        const struct machine one = machine_with("", profiles[i]);
        const struct machine other = machine_with("", profiles[i]);
        int before = server.logins;
        open_well(&one);
        open_well(&other);
        assert_int_equal(server.logins, before + 2);
        machine_free(&one);
        machine_free(&other);
    }
    assert_int_equal(server.logouts, 4); /* a delegated session ends with the one that it came from */
}

static void accounts_keys_and_modes_have_sessions_of_their_own(void **state)
{
    static const char *const profiles[] = {"username = analyst\npassword = x",
                                           "username = writer\npassword = x",
                                           "api_key = k1",
                                           "api_key = k2",
                                           "username = analyst\npassword = x\nlogin_mode = ldap",
                                           "username = analyst\npassword = x\napplication_type = 35",
                                           "username = analyst\npassword = x\nlogin_fields = {\"workingSet\": 50}"};
    struct machine machines[2 * COUNT_OF(profiles)];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(machines); i++) {
        machines[i] = machine_with("", profiles[i % COUNT_OF(profiles)]);
        open_well(&machines[i]);
        request_well(&machines[i]);
    }
    assert_int_equal(server.logins, COUNT_OF(profiles));
    for (size_t i = 0; i < COUNT_OF(machines); i++) {
        machine_free(&machines[i]);
    }
}

static void what_was_refused_is_sent_by_nobody_else_and_other_credentials_are(void **state)
{
    const struct machine one = machine_new();
    const struct machine other = machine_new();
    const struct machine changed = machine_with("", "username = analyst\npassword = y");
    char words[256];
    (void)state;
    server.refuses = "{\"code\":\"ERR003\",\"message\":\"Incorrect login\"}";
    server.status = 401;
    assert_int_equal(open_session(&one, 600000, words), MSTR_E_AUTHENTICATION);
    assert_non_null(strstr(words, "Incorrect login"));
    assert_int_equal(open_session(&other, 600000, words), MSTR_E_AUTHENTICATION);
    assert_non_null(strstr(words, "the server refused these credentials before"));
    assert_int_equal(server.logins, 1);
    server.refuses = NULL;
    open_well(&changed);
    assert_int_equal(server.logins, 2);
    machine_free(&one);
    machine_free(&other);
    machine_free(&changed);
}

static atomic_llong ahead; /* ms that the clock has been put on */

static int64_t monotonic(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + ahead;
}

static void what_was_refused_is_fetched_anew_when_that_runs_out(void **state)
{
    static const struct clock_source source = {.monotonic = monotonic};
    char profile[512];
    char words[256];
    char path[256];
    (void)state;
    clock_replace(&source);
    folder_write(&folder, "store", "echo old");
    snprintf(
        profile, sizeof(profile),
        "username = analyst\npassword = ${pw:x}\n[provider pw]\nplugin = exec\nformat = text\ncommand = /bin/sh %s",
        folder_path(&folder, "store", path));
    const struct machine one = machine_with("", profile);
    server.refuses = "{\"code\":\"ERR003\",\"message\":\"Incorrect login\"}";
    server.status = 401;
    assert_int_equal(open_session(&one, 600000, words), MSTR_E_AUTHENTICATION);
    assert_non_null(strstr(server.sent, "old"));
    folder_write(&folder, "store", "echo new");
    ahead = 31 * 1000;
    folder_write(&folder, "control", "clock 31000\n");
    server.refuses = NULL;
    open_well(&one);
    assert_int_equal(server.logins, 2);
    assert_non_null(strstr(server.sent, "new"));
    machine_free(&one);
    clock_replace(NULL);
}

static void six_refusals_of_one_user_stop_all_workers(void **state)
{
    struct machine machines[7];
    char profile[64];
    char words[256];
    (void)state;
    server.refuses = "{\"code\":\"ERR003\",\"message\":\"Incorrect login\"}";
    server.status = 401;
    for (size_t i = 0; i < COUNT_OF(machines); i++) {
        snprintf(profile, sizeof(profile), "username = analyst\npassword = p%zu", i);
        machines[i] = machine_with("", profile);
        assert_int_equal(open_session(&machines[i], 600000, words), MSTR_E_AUTHENTICATION);
    }
    assert_int_equal(server.logins, 6);
    assert_non_null(strstr(words, "refused 6 logins of this user within 5 minutes"));
    for (size_t i = 0; i < COUNT_OF(machines); i++) {
        machine_free(&machines[i]);
    }
}

static void the_servers_limit_closes_the_slot(void **state)
{
    const struct machine one = machine_new();
    const struct machine other = machine_new();
    char words[256];
    (void)state;
    server.refuses = "{\"code\":\"ERR002\",\"message\":\"too many\",\"iServerCode\":-2147072486}";
    server.status = 500;
    assert_int_not_equal(open_session(&one, 600000, words), MSTR_OK);
    assert_non_null(strstr(words, "too many"));
    assert_int_equal(open_session(&other, 600000, words), MSTR_E_UNAVAILABLE);
    assert_non_null(strstr(words, "the server allows no further session of this user"));
    assert_int_equal(server.logins, 1);
    machine_free(&one);
    machine_free(&other);
}

static void the_last_that_leaves_logs_out_of_the_sessions_of_all_slots(void **state)
{
    const struct machine one = machine_with("sessions = 2\nlogout = last", "username = analyst\npassword = x");
    struct machine other = {.context = one.context};
    (void)state;
    assert_int_equal(mstr_session_new(one.context, NULL, &other.session, NULL), MSTR_OK);
    assert_int_equal(mstr_session_mount(other.session, "", answer, NULL, NULL), MSTR_OK);
    open_well(&one);
    open_well(&other);
    assert_int_equal(server.logins, 2);
    mstr_session_free(other.session);
    assert_int_equal(server.logouts, 0);
    machine_free(&one);
    assert_int_equal(server.logouts, 2);
}

static void without_a_store_a_session_is_opened_alone_and_not_logged_out(void **state)
{
    const struct machine one = machine_new();
    char words[256];
    (void)state;
    folder_write(&folder, "control", "fault network\n");
    assert_int_equal(open_session(&one, 400, words), MSTR_OK);
    request_well(&one);
    machine_free(&one);
    assert_int_equal(server.logins, 1);
    assert_int_equal(server.logouts, 0);
}

static void keep_and_fail_never_log_in_alone(void **state)
{
    static const char *const modes[] = {"on_store_failure = keep", "on_store_failure = fail"};
    char words[256];
    (void)state;
    folder_write(&folder, "control", "fault network\n");
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        const struct machine one = machine_with(modes[i], "username = analyst\npassword = x");
        assert_int_not_equal(open_session(&one, 300, words), MSTR_OK);
        assert_int_equal(server.logins, 0);
        machine_free(&one);
    }
}

static void a_key_that_is_none_is_an_error_of_the_configuration(void **state)
{
    char words[256];
    const struct machine one = machine_with("seal_key_old = a pass phrase", "username = analyst\npassword = x");
    (void)state;
    assert_int_equal(open_session(&one, 600000, words), MSTR_E_CONFIG);
    assert_non_null(strstr(words, "seal_key_old"));
    assert_int_equal(server.logins, 0);
    machine_free(&one);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(two_machines_have_one_session),
        TEST(a_session_that_ended_is_begun_once_more_by_one),
        TEST(a_storm_of_expired_sessions_makes_one_login),
        TEST(sessions_of_nobody_and_those_of_no_fleet_are_not_shared),
        TEST(accounts_keys_and_modes_have_sessions_of_their_own),
        TEST(what_was_refused_is_sent_by_nobody_else_and_other_credentials_are),
        TEST(what_was_refused_is_fetched_anew_when_that_runs_out),
        TEST(six_refusals_of_one_user_stop_all_workers),
        TEST(the_servers_limit_closes_the_slot),
        TEST(the_last_that_leaves_logs_out_of_the_sessions_of_all_slots),
        TEST(without_a_store_a_session_is_opened_alone_and_not_logged_out),
        TEST(keep_and_fail_never_log_in_alone),
        TEST(a_key_that_is_none_is_an_error_of_the_configuration),
    };
    return RUN_TESTS("session/login/fleet_login");
}
