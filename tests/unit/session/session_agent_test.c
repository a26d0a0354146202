/* SPDX-License-Identifier: Apache-2.0 */
/* core/session/session_agent.c */
#include "session/session_agent.h"

#include "support/mounted.h"

static void a_session_goes_on_in_another_context_and_needs_the_one_before_no_more(void **state)
{
    static const struct route routes[] = {{"GET x", 401, MOUNTED_EXPIRED, NULL, 1, MSTR_OK},
                                          {"GET x", 200, "{}", NULL, 0, MSTR_OK}};
    (void)state;
    struct mounted *mounted = mounted_open(routes, COUNT_OF(routes));
    mstr_context *other = test_context("");
    session_agent_move(mounted->session, other);
    mstr_context_free(mounted->context);
    mounted->context = other;
    mstr_response *answer = NULL;
    mounted_done(mounted, mstr_session_get(mounted->session, "x", &answer, mounted->error));
    mstr_response_free(answer);
    assert_int_equal(mounted->logins, 2);
    assert_true(mounted_saw(mounted, "X-MSTR-AuthToken: token-2"));
    mounted_free(mounted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_goes_on_in_another_context_and_needs_the_one_before_no_more),
    };
    return RUN_TESTS("session/session_agent");
}
