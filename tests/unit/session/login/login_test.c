/* SPDX-License-Identifier: Apache-2.0 */
/* core/session/login/login.c: a login from its values to its end, whose it would be, and one that was made elsewhere
 */
#include "session/login/login.h"

#include "given.h"

static void a_login_that_lacks_something_sends_nothing(void **state)
{
    const struct limits limits = {clock_monotonic() + 2000, NULL};
    struct mounted *mounted = given_new(MSTR_LOGIN_STANDARD, (struct given){"ann", NULL, NULL, NULL});
    (void)state;
    assert_false(session_can_log_in(mounted->session));
    assert_int_equal(session_log_in(mounted->session, &limits, mounted->error), MSTR_E_CONFIG);
    assert_told(mounted, "the credential \"password\"");
    assert_int_equal(mounted->sent, 0);
    mounted_free(mounted);
}

static void a_login_opens_the_session(void **state)
{
    const struct limits limits = {clock_monotonic() + 2000, NULL};
    struct mounted *mounted = mounted_new(NULL, 0);
    (void)state;
    assert_true(session_can_log_in(mounted->session));
    mounted_done(mounted, session_log_in(mounted->session, &limits, mounted->error));
    assert_string_equal(mounted->log, "POST auth/login\n");
    assert_true(mstr_session_is_open(mounted->session));
    mounted_free(mounted);
}

static void an_account_is_that_of_a_name_or_a_key_and_no_other(void **state)
{
    static const struct {
        struct given given;
        const char *user; /* NULL = nobody else's affair */
    } cases[] = {
        {{"ann", "p", NULL, NULL}, "ann"},
        {{NULL, NULL, "key", NULL}, "key"},
        {{NULL, NULL, NULL, "identity"}, NULL},
    };
    const struct limits limits = {clock_monotonic() + 2000, NULL};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mounted *mounted = given_new(MSTR_LOGIN_GUESS, cases[i].given);
        const struct login_mode *mode = NULL;
        mstr_secret *user = NULL;
        char *base = NULL;

        mounted_done(mounted, session_find_account(mounted->session, &limits, &mode, &user, &base, mounted->error));

        assert_int_equal(user != NULL, cases[i].user != NULL);
        if (user != NULL) {
            assert_string_equal(mstr_secret_octets(user), cases[i].user);
            assert_string_equal(base, MOUNTED_BASE);
        }
        assert_int_equal(mounted->sent, 0);
        mstr_secret_release(user);
        free(base);
        mounted_free(mounted);
    }
}

static void adopting_a_token_sends_nothing_and_adopting_cookies_asks_for_the_token(void **state)
{
    static const struct route routes[] = {{"GET auth/token", 204, NULL, "X-MSTR-AuthToken: browser", 0, MSTR_OK}};
    const struct limits limits = {clock_monotonic() + 2000, NULL};
    mstr_secret *given = mstr_secret_new("given", 5);
    (void)state;
    for (int with_token = 0; with_token < 2; with_token++) {
        struct mounted *mounted = mounted_new(routes, 1);

        mounted_done(mounted, session_adopt(mounted->session, with_token ? given : NULL, &limits, mounted->error));

        mstr_secret *token = session_token(mounted->session);
        assert_string_equal(mstr_secret_octets(token), with_token ? "given" : "browser");
        assert_string_equal(mounted->log, with_token ? "" : "GET auth/token\n");
        assert_true(mounted->session->delegated);
        assert_string_equal(mounted->session->base, MOUNTED_BASE);
        mstr_secret_release(token);
        mounted_free(mounted);
    }
    mstr_secret_release(given);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_login_that_lacks_something_sends_nothing),
        cmocka_unit_test(a_login_opens_the_session),
        cmocka_unit_test(an_account_is_that_of_a_name_or_a_key_and_no_other),
        cmocka_unit_test(adopting_a_token_sends_nothing_and_adopting_cookies_asks_for_the_token),
    };
    return RUN_TESTS("session/login/login");
}
