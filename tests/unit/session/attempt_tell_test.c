/* SPDX-License-Identifier: Apache-2.0 */
/* What is told of answers that were no refusal by their status, core/session/attempt.c: without what the session
 * sends. */
#include "session/attempt.h"

#include "support/mounted.h"

static bool no_memory; /* for copies of what the session has */

bool __real_pairs_copy(const struct pairs *from, struct pairs *to);
bool __wrap_pairs_copy(const struct pairs *from, struct pairs *to);

bool __wrap_pairs_copy(const struct pairs *from, struct pairs *to)
{
    return !no_memory && __real_pairs_copy(from, to);
}

static void what_a_session_sends_is_taken_out_of_what_it_tells(void **state)
{
    static const struct route routes[] = {
        {"GET x", 200, NULL, "Set-Cookie: JSESSIONID=cookie-canary; Path=/api", 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, 1);
    mstr_error *told = mstr_error_new();
    mstr_response *answer = NULL;
    (void)state;
    mstr_session_set_basic_auth(mounted->session, "gate", "basic-canary");
    assert_int_equal(mstr_session_get(mounted->session, "x", &answer, mounted->error), MSTR_OK);
    mstr_response_free(answer);
    error_set(told, MSTR_E_SERVER, "it said token-1, cookie-canary, basic-canary and hello");
    error_set_hint(told, "token-1");

    session_tell(mounted->session, told, mounted->error);

    const mstr_error *const both[] = {told, mounted->error};
    for (size_t i = 0; i < COUNT_OF(both); i++) {
        assert_int_equal(mstr_error_code(both[i]), MSTR_E_SERVER);
        assert_string_equal(mstr_error_message(both[i]), "it said (hidden), (hidden), (hidden) and hello");
        assert_string_equal(mstr_error_hint(both[i]), "(hidden)");
    }
    mstr_error_free(told);
    mounted_free(mounted);
}

static void what_may_hold_something_of_a_session_is_hidden_whole_where_memory_lacks(void **state)
{
    struct mounted *mounted = mounted_open(NULL, 0);
    mstr_error *told = mstr_error_new();
    (void)state;
    error_set(told, MSTR_E_SERVER, "hello");
    no_memory = true;

    session_tell(mounted->session, told, mounted->error);

    no_memory = false;
    assert_int_equal(mstr_error_code(mounted->error), MSTR_E_SERVER);
    assert_string_equal(mstr_error_message(mounted->error), "(hidden)");
    mstr_error_free(told);
    mounted_free(mounted);
}

static void what_is_told_before_there_is_a_server_stays_as_it_is(void **state)
{
    struct mounted *mounted = mounted_new(NULL, 0);
    mstr_error *told = mstr_error_new();
    (void)state;
    error_set(told, MSTR_E_SERVER, "hello");

    session_tell(mounted->session, told, mounted->error);

    assert_string_equal(mstr_error_message(mounted->error), "hello");
    mstr_error_free(told);
    mounted_free(mounted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_session_sends_is_taken_out_of_what_it_tells),
        cmocka_unit_test(what_may_hold_something_of_a_session_is_hidden_whole_where_memory_lacks),
        cmocka_unit_test(what_is_told_before_there_is_a_server_stays_as_it_is),
    };
    return RUN_TESTS("session/attempt_tell");
}
