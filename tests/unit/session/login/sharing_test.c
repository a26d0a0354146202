/* SPDX-License-Identifier: Apache-2.0 */
/* core/session/login/sharing.c: what machines tell each other of the session, and how it ends */
#include "fleet_machines.h"

static void a_rotated_token_and_its_cookie_are_followed_by_all(void **state)
{
    const struct machine one = machine_new();
    const struct machine other = machine_new();
    (void)state;
    open_well(&one);
    open_well(&other);
    server.rotates = true;
    request_well(&one);
    request_well(&other);
    request_well(&one);
    assert_int_equal(server.logins, 1);
    assert_int_equal(server.tokens, 2);
    machine_free(&one);
    machine_free(&other);
}

static void a_token_that_keeping_alive_brings_is_told_too(void **state)
{
    (void)state;
    server.tells = "{\"timeout\":3}";
    const struct machine one = machine_new();
    open_well(&one);
    server.rotates = true;
    while (server.rotates) {
        usleep(1000);
    }
    const struct machine other = machine_new();
    open_well(&other);
    request_well(&other);
    request_well(&one);
    assert_int_equal(server.logins, 1);
    assert_int_equal(server.tokens, 2);
    machine_free(&one);
    machine_free(&other);
}

static void whoever_leaves_does_not_wait_for_what_keeps_the_session_alive(void **state)
{
    (void)state;
    server.tells = "{\"timeout\":3}";
    server.hangs = true;
    const struct machine one = machine_new();
    open_well(&one);
    while (!server.hung) {
        usleep(1000);
    }
    const int64_t began = clock_monotonic();
    machine_free(&one);
    assert_true(clock_monotonic() - began < 15000); /* of 20 s that it would hang */
}

static void a_server_that_does_not_tell_its_idle_time_is_no_obstacle(void **state)
{
    (void)state;
    server.tells = NULL;
    const struct machine one = machine_new();
    open_well(&one);
    request_well(&one);
    machine_free(&one);
}

static void the_last_one_logs_out_where_that_is_wished(void **state)
{
    const struct machine one = machine_with("logout = last", "username = analyst\npassword = x");
    const struct machine other = machine_with("logout = last", "username = analyst\npassword = x");
    (void)state;
    open_well(&one);
    request_well(&one);
    machine_free(&one);
    assert_int_equal(server.logouts, 1);
    open_well(&other); /* with a session of its own: the record is gone */
    request_well(&other);
    assert_int_equal(server.logins, 2);
    machine_free(&other);
}

static void a_session_that_was_closed_joins_again(void **state)
{
    const struct machine one = machine_new();
    const struct machine other = machine_new();
    (void)state;
    open_well(&one);
    open_well(&other);
    assert_int_equal(mstr_session_logout(one.session, NULL, NULL), MSTR_OK);
    assert_false(mstr_session_is_open(one.session));
    request_well(&other);
    open_well(&one);
    request_well(&one);
    assert_int_equal(server.logins, 1);
    assert_int_equal(server.logouts, 0);
    machine_free(&one);
    machine_free(&other);
}

static void a_shared_session_is_not_kept_in_a_file(void **state)
{
    const struct machine one = machine_with("", "username = analyst\npassword = x\npersistence_key = k");
    mstr_error *error = mstr_error_new();
    char path[256];
    (void)state;
    open_well(&one);
    assert_int_equal(mstr_session_save(one.session, folder_path(&folder, "saved", path), NULL, error), MSTR_E_USAGE);
    assert_non_null(strstr(mstr_error_message(error), "the session is the fleet's"));
    mstr_error_free(error);
    machine_free(&one);
}

static void count_kind(const mstr_event *event, void *data)
{
    unsigned *kinds = data;
    kinds[event->kind]++;
}

static void what_was_taken_up_is_no_login(void **state)
{
    const struct machine one = machine_new();
    const struct machine other = machine_new();
    unsigned kinds[MSTR_EVENT_ALONE + 1] = {0};
    mstr_counters counters = MSTR_COUNTERS_INIT;
    char words[256];
    (void)state;
    mstr_session_set_event_fn(other.session, count_kind, kinds);
    open_well(&one);
    open_well(&other);
    mstr_session_counters(one.session, &counters);
    assert_int_equal(counters.logins, 1);
    assert_int_equal(counters.shared, 0);
    mstr_session_counters(other.session, &counters);
    assert_int_equal(counters.logins, 0);
    assert_int_equal(counters.shared, 1);
    assert_int_equal(kinds[MSTR_EVENT_SHARED], 1);
    assert_int_equal(kinds[MSTR_EVENT_LOGIN], 0);
    const struct machine lonely = machine_with("namespace = apart", "username = analyst\npassword = x");
    folder_write(&folder, "control", "fault network\n");
    assert_int_equal(open_session(&lonely, 400, words), MSTR_OK);
    mstr_session_counters(lonely.session, &counters);
    assert_int_equal(counters.logins, 1);
    assert_int_equal(counters.alone, 1);
    machine_free(&one);
    machine_free(&other);
    machine_free(&lonely);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_rotated_token_and_its_cookie_are_followed_by_all),
        TEST(a_token_that_keeping_alive_brings_is_told_too),
        TEST(whoever_leaves_does_not_wait_for_what_keeps_the_session_alive),
        TEST(a_server_that_does_not_tell_its_idle_time_is_no_obstacle),
        TEST(the_last_one_logs_out_where_that_is_wished),
        TEST(a_session_that_was_closed_joins_again),
        TEST(a_shared_session_is_not_kept_in_a_file),
        TEST(what_was_taken_up_is_no_login),
    };
    return RUN_TESTS("session/login/sharing");
}
