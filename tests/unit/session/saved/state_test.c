/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a session to a snapshot, and back. */
#include "session/saved/state.h"

#include "support/mounted.h"

static void what_was_taken_of_one_session_is_given_to_another(void **state)
{
    struct mounted *from = mounted_open(NULL, 0);
    struct mounted *to = mounted_open(NULL, 0);
    struct snapshot snapshot = {.base = NULL};
    (void)state;
    from->session->delegated = true;
    cookies_restore(&from->session->cookies, "JSESSIONID", "s1", "/api", false, 0);

    mounted_done(from, state_take(from->session, &snapshot, from->error));
    mstr_secret *token = session_token(from->session);
    state_give(to->session, &snapshot);

    assert_ptr_equal(to->session->token, token);
    assert_true(to->session->delegated);
    assert_true(to->session->taken_up);
    assert_string_equal(to->session->cookies.items[0].value, "s1");
    assert_false(snapshot.delegated); /* it has what the session had before */
    mstr_secret_release(token);
    snapshot_release(&snapshot);
    mounted_free(from);
    mounted_free(to);
}

static void a_session_that_is_not_open_has_no_state(void **state)
{
    struct mounted *mounted = mounted_new(NULL, 0);
    struct snapshot snapshot = {.base = NULL};
    (void)state;

    assert_int_equal(state_take(mounted->session, &snapshot, mounted->error), MSTR_E_SESSION);

    snapshot_release(&snapshot);
    mounted_free(mounted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_taken_of_one_session_is_given_to_another),
        cmocka_unit_test(a_session_that_is_not_open_has_no_state),
    };
    return RUN_TESTS("session/saved/state");
}
