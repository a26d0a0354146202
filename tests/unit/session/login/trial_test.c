/* SPDX-License-Identifier: Apache-2.0 */
/* core/session/login/trial.c: a login that is only to see whether it works */
#include "session/login/trial.h"

#include "given.h"
#include "support/states.h"

/* What a process is told of its trial, whose server answers with `route`, NULL = grants; how often it was asked. */
static enum mstr_code try_out(const char *password, const struct route *route, unsigned *sent)
{
    struct mounted *mounted = mounted_new(route, route != NULL ? 1 : 0);
    mstr_session_set_credential(mounted->session, MSTR_CREDENTIAL_PASSWORD, mstr_credential_literal(password));
    enum mstr_code code = given_do(mounted, trial_log_in);
    assert_null(mounted->session->refused_elsewhere);
    *sent = mounted->sent;
    mounted_free(mounted);
    return code;
}

static const struct route refusing = {"POST auth/login", 401, "{\"code\":\"ERR003\"}", NULL, 0, MSTR_OK};
static const struct route dead = {"POST auth/login", 0, NULL, NULL, 0, MSTR_E_NETWORK};

static void a_login_that_was_answered_is_the_only_one_of_its_minute(void **state)
{
    unsigned sent = 0;
    (void)state;
    assert_int_equal(try_out("good", &dead, &sent), MSTR_E_NETWORK);
    assert_int_equal(try_out("good", NULL, &sent), MSTR_OK);
    assert_int_equal(sent, 1);
    assert_int_equal(try_out("good", NULL, &sent), MSTR_E_THROTTLED);
    assert_int_equal(sent, 0);
}

static void what_another_process_was_refused_is_not_sent_again(void **state)
{
    unsigned sent = 0;
    (void)state;
    assert_int_equal(try_out("wrong", &refusing, &sent), MSTR_E_AUTHENTICATION);
    assert_int_equal(sent, 1);
    assert_int_equal(try_out("wrong", &refusing, &sent), MSTR_E_AUTHENTICATION);
    assert_int_equal(sent, 0);
}

static void where_nothing_can_be_kept_the_login_is_tried_all_the_same(void **state)
{
    unsigned sent = 0;
    (void)state;
    setenv("XDG_STATE_HOME", "/dev/null", 1);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(try_out("good", NULL, &sent), MSTR_OK);
        assert_int_equal(sent, 1);
    }
}

#define TRIAL_TEST(name) cmocka_unit_test_setup_teardown(name, states_make, states_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRIAL_TEST(a_login_that_was_answered_is_the_only_one_of_its_minute),
        TRIAL_TEST(what_another_process_was_refused_is_not_sent_again),
        TRIAL_TEST(where_nothing_can_be_kept_the_login_is_tried_all_the_same),
    };
    return RUN_TESTS("session/login/trial");
}
