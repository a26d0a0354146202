/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/sessions.c */
#include "agent/sessions.h"

#include "desk.h"

static void a_login_tells_its_working_set_unless_the_profile_does(void **state)
{
    static const struct {
        const char *fields;
        const char *expected; /* NULL = refused */
    } cases[] = {{NULL, "{\"workingSet\":50}"},
                 {"{}", "{\"workingSet\":50}"},
                 {" { } ", " { \"workingSet\":50}"},
                 {"{\"a\":{\"b\":1}}", "{\"a\":{\"b\":1},\"workingSet\":50}"},
                 {"{\"workingSet\":7}", "{\"workingSet\":7}"},
                 {"{", NULL},
                 {"7", NULL}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = BUFFER_INIT;
        enum mstr_code code = sessions_login_fields(cases[i].fields, 50, &out, NULL);
        assert_int_equal(code == MSTR_OK, cases[i].expected != NULL);
        assert_string_equal(buffer_text(&out), cases[i].expected != NULL ? cases[i].expected : "");
        buffer_release(&out);
    }
}

static void a_profile_has_one_session_until_it_is_retired(void **state)
{
    struct shared_session *first = NULL;
    struct shared_session *second = NULL;
    struct shared_session *third = NULL;
    (void)state;
    desk_open("[profile p]\nbase_url = http://127.0.0.1:1/\nusername = u\npassword = p\ntimeout = 7s\nlogout = no\n");
    struct sessions *sessions = desk.agent.sessions;
    struct generation *generation = contexts_hold(desk.agent.contexts);
    assert_int_not_equal(sessions_use(sessions, generation, "p", NULL, &first, NULL), MSTR_OK); /* nobody is there */
    assert_int_not_equal(sessions_use(sessions, generation, "p", NULL, &second, NULL), MSTR_OK);
    assert_non_null(first);
    assert_ptr_equal(first, second);
    assert_int_equal(first->timeout, 7000);
    sessions_leave(sessions, second);
    sessions_retire(sessions, NULL);
    assert_false(mstr_session_is_open(first->session)); /* who uses it still has it */
    sessions_leave(sessions, first);
    assert_int_equal(generation->holders, 1);
    assert_int_not_equal(sessions_use(sessions, generation, "p", NULL, &third, NULL), MSTR_OK);
    sessions_leave(sessions, third);
    contexts_let_go(desk.agent.contexts, generation);
    desk_close();
}

static void what_begins_in_a_replaced_configuration_ends_with_its_use(void **state)
{
    struct shared_session *shared = NULL;
    struct generation *old = NULL;
    (void)state;
    desk_open("[profile p]\nbase_url = http://127.0.0.1:1/\nusername = u\npassword = p\n");
    struct generation *generation = contexts_hold(desk.agent.contexts);
    assert_int_equal(contexts_reload(desk.agent.contexts, &old, NULL), MSTR_OK);
    assert_int_not_equal(sessions_use(desk.agent.sessions, generation, "p", NULL, &shared, NULL), MSTR_OK);
    sessions_leave(desk.agent.sessions, shared);
    assert_int_equal(generation->holders, 1);
    contexts_let_go(desk.agent.contexts, generation);
    contexts_retire(desk.agent.contexts, old);
    desk_close();
}

static void a_profile_that_is_not_there_has_none(void **state)
{
    struct shared_session *shared = NULL;
    (void)state;
    desk_open("[agent]\n");
    struct generation *generation = contexts_hold(desk.agent.contexts);
    assert_int_equal(sessions_use(desk.agent.sessions, generation, "p", NULL, &shared, NULL), MSTR_E_CONFIG);
    assert_null(shared);
    assert_int_equal(generation->holders, 1);
    contexts_let_go(desk.agent.contexts, generation);
    desk_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_login_tells_its_working_set_unless_the_profile_does),
        cmocka_unit_test(a_profile_has_one_session_until_it_is_retired),
        cmocka_unit_test(what_begins_in_a_replaced_configuration_ends_with_its_use),
        cmocka_unit_test(a_profile_that_is_not_there_has_none),
    };
    return RUN_TESTS("agent/sessions");
}
