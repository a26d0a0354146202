/* SPDX-License-Identifier: Apache-2.0 */
/* core/session/login/login_request.c: what goes out to begin a session, and what the answer means */
#include "session/login/login_request.h"

#include "given.h"

static void each_mode_sends_its_credentials_where_they_belong(void **state)
{
    static const struct {
        enum mstr_login_mode mode;
        struct given given;
        const char *line;
        const char *body;
    } cases[] = {
        {MSTR_LOGIN_GUESS,
         {"a\"n", "p", NULL, NULL},
         "POST auth/login\n",
         "{\"username\":\"a\\\"n\",\"password\":\"p\",\"loginMode\":1,\"applicationType\":8,\"workingSet\":20}"},
        {MSTR_LOGIN_LDAP,
         {"ann", "p", NULL, NULL},
         "POST auth/login\n",
         "{\"username\":\"ann\",\"password\":\"p\",\"loginMode\":16,\"applicationType\":8,\"workingSet\":20}"},
        {MSTR_LOGIN_GUESS,
         {"ann", "p", "key", NULL},
         "POST auth/login\n",
         "{\"username\":\"key\",\"loginMode\":4096,\"applicationType\":8,\"workingSet\":20}"},
        {MSTR_LOGIN_API_KEY,
         {"key", NULL, NULL, NULL},
         "POST auth/login\n",
         "{\"username\":\"key\",\"loginMode\":4096,\"applicationType\":8,\"workingSet\":20}"},
        {MSTR_LOGIN_GUESS,
         {"ann", "p", "key", "identity"},
         "POST auth/delegate\n",
         "{\"identityToken\":\"identity\",\"loginMode\":-1}"},
        {MSTR_LOGIN_ANONYMOUS,
         {"ann", "p", NULL, NULL},
         "POST auth/login\n",
         "{\"loginMode\":8,\"applicationType\":8,\"workingSet\":20}"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mounted *mounted = given_new(cases[i].mode, cases[i].given);

        mounted_done(mounted, given_do(mounted, login_request_post));

        assert_string_equal(mounted->log, cases[i].line);
        assert_string_equal(mounted->body, cases[i].body);
        assert_true(mstr_session_is_open(mounted->session));
        mounted_free(mounted);
    }
}

static void a_refusal_is_told_as_one_of_the_login(void **state)
{
    static const struct {
        struct route route;
        enum mstr_code code;
        const char *part;
    } cases[] = {
        {{"POST auth/login", 401, "{\"code\":\"ERR003\",\"message\":\"bad login\"}", NULL, 0, MSTR_OK},
         MSTR_E_AUTHENTICATION,
         "bad login"},
        {{"POST auth/login", 401, MOUNTED_EXPIRED, NULL, 0, MSTR_OK}, MSTR_E_AUTHENTICATION, "login refused: "},
        {{"POST auth/login", 200, "<html>", NULL, 0, MSTR_OK}, MSTR_E_PROTOCOL, "HTTP status 200 without a token"},
        {{"POST auth/login", 204, NULL, "X-MSTR-AuthToken: ", 0, MSTR_OK}, MSTR_E_PROTOCOL, "without a token"},
        {{"POST auth/login", 0, NULL, NULL, 0, MSTR_E_TLS}, MSTR_E_TLS, "the line is dead"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mounted *mounted = mounted_new(&cases[i].route, 1);

        assert_int_equal(given_do(mounted, login_request_post), cases[i].code);

        assert_told(mounted, cases[i].part);
        assert_int_equal(mstr_error_code(mounted->error), cases[i].code);
        assert_string_equal(mstr_error_step(mounted->error), "login");
        assert_int_equal(mounted->sent, 1);
        assert_false(mstr_session_is_open(mounted->session));
        mounted_free(mounted);
    }
}

static enum mstr_code ask_for_token(mstr_session *session, const struct login_values *values,
                                    const struct limits *limits, mstr_error *error)
{
    (void)values;
    return login_request_token(session, limits, error);
}

static void the_token_of_cookies_is_asked_for_without_a_body(void **state)
{
    static const struct route routes[] = {{"GET auth/token", 204, NULL, "X-MSTR-AuthToken: browser", 0, MSTR_OK}};
    struct mounted *mounted = mounted_new(routes, 1);
    (void)state;
    mounted_done(mounted, given_do(mounted, ask_for_token));
    assert_string_equal(mounted->log, "GET auth/token\n");
    assert_string_equal(mounted->body, "");
    assert_true(mounted->session->delegated);
    mounted_free(mounted);
}

static int64_t deadline;

static enum mstr_code post_late(mstr_session *session, const struct login_values *values, const struct limits *limits,
                                mstr_error *error)
{
    deadline = clock_monotonic() + 300;
    const struct limits soon = {deadline, limits->cancel};
    return login_request_post(session, values, &soon, error);
}

/* A server whose answer to a login comes when nobody waits for it any more. */
static enum mstr_code answer_late(const struct mstr_http_request *request, mstr_transport_reply *reply,
                                  const mstr_call_options *call, mstr_error *error, void *data)
{
    while (strstr(request->url, "auth/login") != NULL && clock_monotonic() < deadline) {
        usleep(1000);
    }
    return mounted_send(request, reply, call, error, data);
}

/* Nobody else could end what the server has begun all the same. */
static void a_login_that_is_answered_too_late_is_logged_out(void **state)
{
    struct mounted *mounted = given_new(MSTR_LOGIN_GUESS, (struct given){"ann", "p", NULL, NULL});
    (void)state;
    mstr_session_mount(mounted->session, "", answer_late, mounted, NULL);

    assert_int_equal(given_do(mounted, post_late), MSTR_E_TIMEOUT);

    assert_told(mounted, "POST auth/login timed out");
    assert_string_equal(mounted->log, "POST auth/login\nPOST auth/logout\n");
    assert_false(mstr_session_is_open(mounted->session));
    mounted_free(mounted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mode_sends_its_credentials_where_they_belong),
        cmocka_unit_test(a_refusal_is_told_as_one_of_the_login),
        cmocka_unit_test(a_login_that_is_answered_too_late_is_logged_out),
        cmocka_unit_test(the_token_of_cookies_is_asked_for_without_a_body),
    };
    return RUN_TESTS("session/login/login_request");
}
