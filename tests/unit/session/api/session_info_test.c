/* SPDX-License-Identifier: Apache-2.0 */
/* What the server tells of the session, and keeping it alive by hand. */
#include "support/mounted.h"

#define PROJECT "11111111111111111111111111111111"

static void each_call_asks_its_path_without_a_project(void **state)
{
    static const struct {
        enum mstr_code (*call)(mstr_session *, mstr_response **, mstr_error *);
        const char *log;
    } cases[] = {
        {mstr_session_info, "GET sessions\n"},
        {mstr_session_get_sessions, "GET sessions\n"},
        {mstr_session_userinfo, "GET sessions/userInfo\n"},
        {mstr_session_get_sessions_userinfo, "GET sessions/userInfo\n"},
        {mstr_session_privileges, "GET sessions/privileges\n"},
    };
    static const struct route routes[] = {{"GET sessions", 200, "{\"timeout\":1200}", NULL, 0, MSTR_OK}};
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    options.flags = MSTR_SESSION_NO_PROFILE;
    options.project = PROJECT;
    struct mounted *mounted = mounted_new_with(&options, routes, 1);
    (void)state;
    mounted_done(mounted, mstr_session_open(mounted->session, NULL, mounted->error));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_response *response = NULL;
        int64_t timeout = 0;
        mounted_forget(mounted);

        mounted_done(mounted, cases[i].call(mounted->session, &response, mounted->error));

        assert_string_equal(mounted->log, cases[i].log);
        assert_false(mounted_saw(mounted, "X-MSTR-ProjectID"));
        assert_true(mstr_response_number(response, "/timeout", &timeout));
        assert_int_equal(timeout, 1200);
        mstr_response_free(response);
    }
    mounted_free(mounted);
}

static void extending_puts_sessions_under_both_names(void **state)
{
    static const struct route routes[] = {{"PUT sessions", 204, NULL, NULL, 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, 1);
    (void)state;

    mounted_done(mounted, mstr_session_extend(mounted->session, mounted->error));
    mounted_done(mounted, mstr_session_put_sessions(mounted->session, mounted->error));

    assert_string_equal(mounted->log, "PUT sessions\nPUT sessions\n");
    mounted_free(mounted);
}

static void without_a_session_nothing_is_asked(void **state)
{
    struct mounted *mounted = mounted_new(NULL, 0);
    mstr_response *response = NULL;
    (void)state;

    assert_int_equal(mstr_session_info(mounted->session, &response, mounted->error), MSTR_E_SESSION);
    assert_int_equal(mstr_session_extend(mounted->session, mounted->error), MSTR_E_SESSION);

    assert_null(response);
    assert_int_equal(mounted->sent, 0);
    mounted_free(mounted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_call_asks_its_path_without_a_project),
        cmocka_unit_test(extending_puts_sessions_under_both_names),
        cmocka_unit_test(without_a_session_nothing_is_asked),
    };
    return RUN_TESTS("session/api/session_info");
}
