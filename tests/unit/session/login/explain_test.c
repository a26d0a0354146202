/* SPDX-License-Identifier: Apache-2.0 */
/* core/session/login/explain.c: whether an agent would serve a session, without a login by anybody */
#include "support/session_peer.h"

struct heard {
    unsigned steps;
    enum mstr_step outcome;
    char detail[256];
    int answer;
};

static int hear(const mstr_explain_step *step, void *data)
{
    struct heard *heard = data;
    assert_string_equal(step->name, "agent");
    heard->steps++;
    heard->outcome = step->outcome;
    snprintf(heard->detail, sizeof(heard->detail), "%s", step->detail);
    return heard->answer;
}

static enum mstr_code explain(const char *check, const mstr_session_options *options, struct heard *heard)
{
    const struct session_script script = {.check = check};
    struct local_peer peer;
    mstr_session *session = NULL;
    local_peer_start(&peer, session_peer_serve, &script);
    mstr_context *context = session_peer_context(peer.path);
    assert_int_equal(mstr_session_new(context, options, &session, NULL), MSTR_OK);
    enum mstr_code code = mstr_session_explain(session, NULL, hear, heard, NULL);
    assert_int_equal(mstr_session_is_open(session), 0);
    assert_null(strstr(peer.head, "/auth/login"));
    mstr_session_free(session);
    mstr_context_free(context);
    local_peer_stop(&peer);
    return code;
}

static void the_agent_s_answer_tells_whether_it_has_a_session(void **state)
{
    static const struct {
        const char *check; /* NULL = all is the same */
        enum mstr_step outcome;
        const char *detail;
        enum mstr_code code;
    } cases[] = {
        {NULL, MSTR_STEP_INFO, "serves this profile, and has no session of it yet", MSTR_OK},
        {"200 OK\r\nX-Mstr-Session: open\r\n\r\n{\"results\":[]}", MSTR_STEP_USED, "has a session of this profile",
         MSTR_OK},
        {"200 OK\r\nX-Mstr-Session: refused\r\n\r\n{\"results\":[]}", MSTR_STEP_FAILED,
         "the server refused the agent's last login with this profile", MSTR_E_AUTHENTICATION},
        {"200 OK\r\nX-Mstr-Session: dreaming\r\n\r\n{\"results\":[]}", MSTR_STEP_INFO,
         "serves this profile, and has no session of it yet", MSTR_OK},
        {"409 Conflict\r\n\r\n{\"profile\":\"default\",\"key\":\"profile username\"}", MSTR_STEP_SKIPPED,
         "the agent has other settings for [profile default]: profile username differs", MSTR_OK},
        {"403 Forbidden\r\n\r\n{\"detail\":\"not for you\"}", MSTR_STEP_FAILED, "not for you", MSTR_E_DENIED},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct heard heard = {.answer = 0};
        assert_int_equal(explain(cases[i].check, NULL, &heard), cases[i].code);
        assert_int_equal(heard.steps, 1);
        assert_int_equal(heard.outcome, cases[i].outcome);
        assert_non_null(strstr(heard.detail, cases[i].detail));
    }
}

static void a_session_of_its_callers_own_tells_why_no_agent_is_asked(void **state)
{
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    struct heard heard = {.answer = 0};
    (void)state;
    options.flags = MSTR_SESSION_TRIAL;
    assert_int_equal(explain(NULL, &options, &heard), MSTR_OK);
    assert_int_equal(heard.outcome, MSTR_STEP_SKIPPED);
    assert_non_null(strstr(heard.detail, "stands over the profile"));
}

static void who_has_heard_enough_ends_it(void **state)
{
    struct heard heard = {.answer = 1};
    (void)state;
    assert_int_equal(explain(NULL, NULL, &heard), MSTR_E_CANCELLED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_agent_s_answer_tells_whether_it_has_a_session),
        cmocka_unit_test(a_session_of_its_callers_own_tells_why_no_agent_is_asked),
        cmocka_unit_test(who_has_heard_enough_ends_it),
    };
    return cmocka_run_group_tests_name("session/login/explain", tests, NULL, NULL);
}
