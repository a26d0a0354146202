/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a session: what the server is told, and what is left where it refuses. */
#include "session/session.h"

#include "base/error.h"
#include "support/mounted.h"

static void a_logout_carries_the_token_and_forgets_it_and_the_cookies(void **state)
{
    struct mounted *mounted = mounted_open(NULL, 0);
    (void)state;
    cookies_restore(&mounted->session->cookies, "JSESSIONID", "s1", "/", false, 0);

    mounted_done(mounted, mstr_session_logout(mounted->session, NULL, mounted->error));

    assert_string_equal(mounted->log, "POST auth/logout\n");
    assert_true(mounted_saw(mounted, "X-MSTR-AuthToken: token-1\n"));
    assert_false(mstr_session_is_open(mounted->session));
    assert_int_equal(mounted->session->cookies.count, 0);
    assert_int_equal(mstr_session_logout(mounted->session, NULL, mounted->error), MSTR_E_SESSION);
    mounted_free(mounted);
}

static void a_refused_logout_leaves_the_session_open_and_one_that_is_too_late_is_done(void **state)
{
    static const struct {
        struct route route;
        enum mstr_code code;
        bool open;
    } cases[] = {
        {{"POST auth/logout", 500, "{\"code\":\"ERR002\",\"message\":\"m\"}", NULL, 0, MSTR_OK},
         MSTR_E_ISERVER,
         true},
        {{"POST auth/logout", 0, NULL, NULL, 0, MSTR_OK}, MSTR_E_NETWORK, true},
        {{"POST auth/logout", 401, MOUNTED_EXPIRED, NULL, 0, MSTR_OK}, MSTR_OK, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mounted *mounted = mounted_open(&cases[i].route, 1);

        assert_int_equal(mstr_session_logout(mounted->session, NULL, mounted->error), cases[i].code);

        assert_int_equal(mstr_error_code(mounted->error), cases[i].code);
        assert_int_equal(mstr_session_is_open(mounted->session), cases[i].open);
        mounted_free(mounted);
    }
}

static struct mounted *open_with_key(const struct route *routes, size_t count)
{
    struct mounted *mounted = mounted_open(routes, count);
    mstr_session_set_credential(mounted->session, MSTR_CREDENTIAL_PERSISTENCE_KEY, mstr_credential_literal("key"));
    return mounted;
}

static void a_logout_takes_the_file_away_that_keeps_the_session_unless_it_is_refused(void **state)
{
    static const struct route refused = {"POST auth/logout", 500, "{\"code\":\"ERR002\"}", NULL, 1, MSTR_OK};
    struct mounted *mounted = open_with_key(&refused, 1);
    char *path = test_file("", 0);
    (void)state;
    mounted_done(mounted, mstr_session_save(mounted->session, path, NULL, mounted->error));

    assert_int_equal(mstr_session_logout(mounted->session, NULL, mounted->error), MSTR_E_ISERVER);
    assert_int_equal(access(path, F_OK), 0);

    mounted_done(mounted, mstr_session_logout(mounted->session, NULL, mounted->error));
    assert_int_not_equal(access(path, F_OK), 0);
    mounted_free(mounted);
    test_remove_saved(path);
    free(path);
}

static void what_is_logged_out_is_what_the_file_keeps_by_now(void **state)
{
    mstr_call_options slow = {sizeof(slow), 0, 600 * 1000, NULL};
    struct mounted *one = open_with_key(NULL, 0);
    struct mounted *other = open_with_key(NULL, 0);
    char *path = test_file("", 0);
    (void)state;
    mounted_done(one, mstr_session_save(one->session, path, NULL, one->error));
    mounted_done(other, mstr_session_load(other->session, path, NULL, other->error));
    session_keep_token(other->session, mstr_secret_new("renewed", 7));
    mounted_done(other, mstr_session_save(other->session, path, NULL, other->error));

    mounted_done(one, mstr_session_logout(one->session, &slow, one->error));

    assert_true(mounted_saw(one, "X-MSTR-AuthToken: renewed\n"));
    assert_int_not_equal(access(path, F_OK), 0);
    mstr_session_forget(other->session);
    mounted_free(other);
    mounted_free(one);
    test_remove_saved(path);
    free(path);
}

static void closing_ends_the_session_here_whatever_the_server_says(void **state)
{
    static const struct route routes[] = {{"POST auth/logout", 0, NULL, NULL, 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, 1);
    (void)state;

    assert_int_equal(mstr_session_close(mounted->session, mounted->error), MSTR_E_NETWORK);

    assert_false(mstr_session_is_open(mounted->session));
    assert_int_equal(mstr_session_close(mounted->session, NULL), MSTR_OK);
    assert_int_equal(mounted->sent, 1);
    mounted_free(mounted);
}

static void closing_does_not_hide_the_failure_that_the_caller_has_yet_to_tell(void **state)
{
    static const struct route routes[] = {{"POST auth/logout", 0, NULL, NULL, 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, 1);
    (void)state;
    error_set(mounted->error, MSTR_E_NOT_FOUND, "the first failure");

    assert_int_equal(mstr_session_close(mounted->session, mounted->error), MSTR_E_NETWORK);

    assert_string_equal(mstr_error_message(mounted->error), "the first failure");
    mounted_free(mounted);
}

static void a_delegated_session_is_left_to_its_creator_unless_its_end_was_asked_for(void **state)
{
    static const struct {
        uint32_t flags; /* of the session */
        bool close;     /* or a logout with these flags: */
        uint32_t call;
        const char *log;
    } cases[] = {
        {0, true, 0, ""},
        {MSTR_SESSION_LOGOUT_DELEGATED, true, 0, "POST auth/logout\n"},
        {0, false, 0, "POST auth/logout\n"},
        {0, false, MSTR_CALL_LEAVE_DELEGATED, ""},
        {MSTR_SESSION_LOGOUT_DELEGATED, false, MSTR_CALL_LEAVE_DELEGATED, "POST auth/logout\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
        options.flags = MSTR_SESSION_NO_PROFILE | cases[i].flags;
        struct mounted *mounted = mounted_new_with(&options, NULL, 0);
        mstr_secret *token = mstr_secret_new("shared", 6);
        mounted_done(mounted, mstr_session_adopt(mounted->session, token, NULL, mounted->error));

        if (cases[i].close) {
            mounted_done(mounted, mstr_session_close(mounted->session, mounted->error));
        } else {
            mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
            call.flags = cases[i].call;
            mounted_done(mounted, mstr_session_logout(mounted->session, &call, mounted->error));
        }

        assert_string_equal(mounted->log, cases[i].log);
        assert_false(mstr_session_is_open(mounted->session));
        mstr_secret_release(token);
        mounted_free(mounted);
    }
}

static void count_logouts(const mstr_event *event, void *data)
{
    *(unsigned *)data += event->kind == MSTR_EVENT_LOGOUT;
}

static void freeing_logs_out_forgetting_does_not_and_null_is_accepted(void **state)
{
    unsigned logouts = 0;
    (void)state;
    for (int forget = 0; forget < 2; forget++) {
        struct mounted *mounted = mounted_open(NULL, 0);
        mstr_session_set_event_fn(mounted->session, count_logouts, &logouts);
        if (forget) {
            mstr_session_forget(mounted->session);
        }
        mounted_free(mounted);
    }
    mstr_session_free(NULL);
    assert_int_equal(logouts, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_logout_carries_the_token_and_forgets_it_and_the_cookies),
        cmocka_unit_test(a_refused_logout_leaves_the_session_open_and_one_that_is_too_late_is_done),
        cmocka_unit_test(a_logout_takes_the_file_away_that_keeps_the_session_unless_it_is_refused),
        cmocka_unit_test(what_is_logged_out_is_what_the_file_keeps_by_now),
        cmocka_unit_test(closing_ends_the_session_here_whatever_the_server_says),
        cmocka_unit_test(closing_does_not_hide_the_failure_that_the_caller_has_yet_to_tell),
        cmocka_unit_test(a_delegated_session_is_left_to_its_creator_unless_its_end_was_asked_for),
        cmocka_unit_test(freeing_logs_out_forgetting_does_not_and_null_is_accepted),
    };
    return RUN_TESTS("session/login/logout");
}
