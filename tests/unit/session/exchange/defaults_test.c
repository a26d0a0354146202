/* SPDX-License-Identifier: Apache-2.0 */
/* What every request of a session carries. */
#include "support/mounted.h"

static void get_x(struct mounted *mounted)
{
    mstr_response *response = NULL;
    mounted_done(mounted, mstr_session_get(mounted->session, "x", &response, mounted->error));
    mstr_response_free(response);
}

static const struct route routes[] = {{"GET x", 200, NULL, NULL, 0, MSTR_OK}};

static void headers_parameters_and_cookies_are_set_replaced_and_taken_away(void **state)
{
    struct mounted *mounted = mounted_open(routes, 1);
    mstr_session *session = mounted->session;
    (void)state;

    assert_int_equal(mstr_session_set_header(session, "X-A", "1"), MSTR_OK);
    assert_int_equal(mstr_session_set_header(session, "x-a", "2"), MSTR_OK);
    assert_int_equal(mstr_session_set_query(session, "q", "1"), MSTR_OK);
    assert_int_equal(mstr_session_set_query(session, "Q", "2"), MSTR_OK);
    assert_int_equal(mstr_session_set_cookie(session, "c", "1"), MSTR_OK);
    get_x(mounted);
    assert_string_equal(mounted->log, "GET x?q=1&Q=2\n");
    assert_true(mounted_saw(mounted, "x-a: 2\n"));
    assert_false(mounted_saw(mounted, "X-A: 1\n"));
    assert_true(mounted_saw(mounted, "Cookie: c=1\n"));

    mounted_forget(mounted);
    assert_int_equal(mstr_session_set_header(session, "X-A", NULL), MSTR_OK);
    assert_int_equal(mstr_session_set_query(session, "q", NULL), MSTR_OK);
    assert_int_equal(mstr_session_set_query(session, "Q", NULL), MSTR_OK);
    assert_int_equal(mstr_session_set_cookie(session, "c", NULL), MSTR_OK);
    get_x(mounted);
    assert_string_equal(mounted->log, "GET x\n");
    assert_false(mounted_saw(mounted, "x-a"));
    assert_false(mounted_saw(mounted, "Cookie"));
    mounted_free(mounted);
}

static void what_cannot_stand_in_a_request_is_refused(void **state)
{
    struct mounted *mounted = mounted_new(NULL, 0);
    mstr_session *session = mounted->session;
    (void)state;

    assert_int_equal(mstr_session_set_header(session, "X-MSTR-AuthToken", "t"), MSTR_E_USAGE);
    assert_int_equal(mstr_session_set_header(session, "X-A", "1\r\nHost: other"), MSTR_E_USAGE);
    assert_int_equal(mstr_session_set_query(session, "", "1"), MSTR_E_USAGE);
    assert_int_equal(mstr_session_set_query(session, NULL, "1"), MSTR_E_USAGE);
    assert_int_equal(mstr_session_set_cookie(session, "a;b", "1"), MSTR_E_USAGE);
    assert_int_equal(mstr_session_set_basic_auth(session, "a:b", "p"), MSTR_E_USAGE);
    assert_int_equal(mstr_session_set_basic_auth(session, "a", NULL), MSTR_E_USAGE);

    mounted_free(mounted);
}

static void basic_authentication_is_that_of_rfc_7617(void **state)
{
    struct mounted *mounted = mounted_open(routes, 1);
    (void)state;

    assert_int_equal(mstr_session_set_basic_auth(mounted->session, "Aladdin", "open sesame"), MSTR_OK);
    get_x(mounted);
    assert_true(mounted_saw(mounted, "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\n")); /* RFC 7617, 2 */

    assert_int_equal(mstr_session_set_basic_auth(mounted->session, NULL, NULL), MSTR_OK);
    get_x(mounted);
    assert_false(mounted_saw(mounted, "Authorization"));
    mounted_free(mounted);
}

static void the_login_carries_them_too(void **state)
{
    struct mounted *mounted = mounted_new(NULL, 0);
    (void)state;
    mstr_session_set_header(mounted->session, "X-Gateway", "g");
    mstr_session_set_cookie(mounted->session, "sso", "1");

    mounted_done(mounted, mstr_session_open(mounted->session, NULL, mounted->error));

    assert_true(mounted_saw(mounted, "X-Gateway: g\n"));
    assert_true(mounted_saw(mounted, "Cookie: sso=1\n"));
    mounted_free(mounted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_parameters_and_cookies_are_set_replaced_and_taken_away),
        cmocka_unit_test(what_cannot_stand_in_a_request_is_refused),
        cmocka_unit_test(basic_authentication_is_that_of_rfc_7617),
        cmocka_unit_test(the_login_carries_them_too),
    };
    return RUN_TESTS("session/exchange/defaults");
}
