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
    request_well(&other); /* it has heard of the new one, or is refused with the old one before that is there */
    request_well(&one);
    assert_true(server.logins <= 2);
    assert_int_equal(server.tokens, server.logins + 1);
    machine_free(&one);
    machine_free(&other);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_rotated_token_and_its_cookie_are_followed_by_all),
        TEST(the_last_one_logs_out_where_that_is_wished),
        TEST(a_session_that_was_closed_joins_again),
    };
    return RUN_TESTS("session/login/sharing");
}
