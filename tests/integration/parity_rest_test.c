/* SPDX-License-Identifier: Apache-2.0 */
/* Counterparts of the original's test_auth, test_base, test_base_session, test_general and test_rest_api. */
#include "parity.h"

#define TUTORIAL "B7CA92F04B9FAE8D941C3E9B7E0CD754"

static void a_session_exists_between_login_and_logout(void **state)
{
    (void)state;
    mstr_session *session = make_analyst(0);
    assert_false(mstr_session_is_open(session));
    assert_done(mstr_session_open(session, NULL, problem));
    assert_true(mstr_session_is_open(session));
    assert_done(mstr_session_logout(session, NULL, problem));
    assert_false(mstr_session_is_open(session));
    mstr_session_free(session);
}

static void extending_is_a_put_that_answers_204(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    mstr_response *response = NULL;
    assert_done(mstr_session_put(session, "sessions", NULL, &response, problem));
    assert_int_equal(mstr_response_status(response), 204);
    mstr_response_free(response);
    assert_done(mstr_session_put_sessions(session, problem));
    assert_sent("PUT", "/sessions", "");
    mstr_session_free(session);
}

static void extending_has_a_second_name(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    assert_done(mstr_session_extend(session, problem));
    assert_sent("PUT", "/sessions", "");
    mstr_session_free(session);
}

typedef enum mstr_code (*getter)(mstr_session *, mstr_response **, mstr_error *);

static void assert_gets(getter get, const char *path, const char *member)
{
    mstr_session *session = open_analyst(0);
    mstr_response *response = NULL;
    assert_done(get(session, &response, problem));
    assert_int_equal(mstr_response_status(response), 200);
    assert_string_equal(mstr_response_text(response, member), "Ann Analyst");
    assert_sent("GET", path, "");
    mstr_response_free(response);
    mstr_session_free(session);
}

static void the_session_can_be_asked_for(void **state)
{
    (void)state;
    assert_gets(mstr_session_get_sessions, "/sessions", "/fullName");
}

static void the_session_has_a_second_name(void **state)
{
    (void)state;
    assert_gets(mstr_session_info, "/sessions", "/fullName");
}

static void the_user_can_be_asked_for(void **state)
{
    (void)state;
    assert_gets(mstr_session_get_sessions_userinfo, "/sessions/userInfo", "/fullName");
}

static void the_user_has_a_second_name(void **state)
{
    (void)state;
    assert_gets(mstr_session_userinfo, "/sessions/userInfo", "/fullName");
}

/* A local guard: no request goes out. */
static void assert_guarded(getter get)
{
    mstr_session *session = open_analyst(0);
    mstr_response *response = NULL;
    assert_done(mstr_session_logout(session, NULL, problem));
    size_t before = simulator_requests(sim, "mstr", NULL);
    assert_int_equal(get(session, &response, problem), MSTR_E_SESSION);
    assert_string_equal(mstr_error_message(problem), "there is no valid session");
    assert_int_equal(simulator_requests(sim, "mstr", NULL), before);
    mstr_session_free(session);
}

static void the_session_cannot_be_asked_for_when_there_is_none(void **state)
{
    (void)state;
    assert_guarded(mstr_session_get_sessions);
}

static void the_user_cannot_be_asked_for_when_there_is_no_session(void **state)
{
    (void)state;
    assert_guarded(mstr_session_get_sessions_userinfo);
}

static void no_session_cannot_be_extended(void **state)
{
    (void)state;
    mstr_session *session = make_analyst(0);
    assert_int_equal(mstr_session_put_sessions(session, problem), MSTR_E_SESSION);
    assert_int_equal(simulator_requests(sim, "mstr", NULL), 0);
    mstr_session_free(session);
}

static void an_anonymous_session_has_a_token_while_it_is_open(void **state)
{
    (void)state;
    mstr_session *session = make(0, MSTR_LOGIN_ANONYMOUS);
    assert_done(mstr_session_open(session, NULL, problem));
    assert_true(mstr_session_is_open(session));
    assert_done(mstr_session_close(session, problem));
    assert_false(mstr_session_is_open(session));
    mstr_session_free(session);
}

static void forgetting_no_token_is_harmless(void **state)
{
    (void)state;
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    mstr_session *session = NULL;
    options.flags = MSTR_SESSION_NO_PROFILE;
    assert_done(mstr_session_new(context, &options, &session, problem));
    assert_false(mstr_session_is_open(session));
    mstr_session_forget(session);
    assert_false(mstr_session_is_open(session));
    mstr_session_free(session);
}

/* Repaired: a doubled slash is refused, as a server may read such a path as another one; in a query it is nothing
 * odd. */
static void doubled_slashes_in_the_path_are_refused(void **state)
{
    static const struct {
        const char *path;
        enum mstr_code code;
    } cases[] = {
        {"path//with//slashes", MSTR_E_USAGE},
        {"a//b", MSTR_E_USAGE},
        {"a/b?next=https://h//x", MSTR_E_NOT_FOUND},
        {"/a/b/", MSTR_E_NOT_FOUND},
    };
    mstr_session *session = open_analyst(0);
    mstr_response *response = NULL;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(mstr_session_get(session, cases[i].path, &response, problem), cases[i].code);
    }
    assert_int_equal(simulator_requests(sim, "mstr", "*slashes"), 0);
    mstr_session_free(session);
}

static void a_failure_that_is_not_json_is_told_with_its_text(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    mstr_response *response = NULL;
    simulator_fault(sim, "{\"action\":\"status\",\"status\":500,\"body\":\"no JSON at all\",\"headers\":"
                         "{\"Content-Type\":\"application/json\"}}");
    assert_int_equal(mstr_session_get(session, "status", &response, problem), MSTR_E_SERVER);
    assert_non_null(strstr(mstr_error_message(problem), "no JSON at all"));
    mstr_session_free(session);
}

/* Repaired: of the X-MSTR headers only the token is kept; the others are told with the answer and never sent back. */
static void of_the_headers_of_an_answer_only_the_token_is_kept(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    mstr_response *response = NULL;
    simulator_fault(sim, "{\"action\":\"status\",\"status\":200,\"body\":\"{}\",\"headers\":{\"x-mstr-authtoken\":"
                         "\"rotated\",\"X-MSTR-MS-Instance\":\"i1\",\"X-MSTR-ProjectID\":\"p1\"}}");
    assert_done(mstr_session_get(session, "status", &response, problem));
    assert_string_equal(mstr_response_header(response, "X-MSTR-MS-Instance"), "i1");
    mstr_response_free(response);
    assert_done(mstr_session_get(session, "status", &response, problem));
    struct json_object *log = simulator_log(sim, "mstr");
    struct json_object *entry = simulator_entry(log, "/status");
    assert_string_equal(simulator_header(entry, "X-MSTR-AuthToken"), "rotated");
    assert_null(simulator_header(entry, "X-MSTR-MS-Instance"));
    assert_null(simulator_header(entry, "X-MSTR-ProjectID"));
    json_object_put(log);
    mstr_response_free(response);
    mstr_session_free(session);
}

static void the_token_goes_with_a_request(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    mstr_response *response = NULL;
    assert_done(mstr_session_get(session, "sessions", &response, problem));
    struct json_object *log = simulator_log(sim, "mstr");
    assert_non_null(simulator_header(simulator_entry(log, "/sessions"), "X-MSTR-AuthToken"));
    json_object_put(log);
    mstr_response_free(response);
    mstr_session_free(session);
}

static void assert_project_sent(mstr_session *session, uint32_t flags, const char *project)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    request.path = "status";
    request.flags = flags;
    request.project = project;
    assert_int_equal(ask(session, &request), 200);
    struct json_object *log = simulator_log(sim, "mstr");
    assert_string_equal(simulator_header(simulator_entry(log, "/status"), "X-MSTR-ProjectID"), project);
    json_object_put(log);
    mstr_session_free(session);
}

static void the_project_goes_with_a_request(void **state)
{
    (void)state;
    assert_project_sent(open_analyst(0), 0, TUTORIAL);
}

static void a_project_that_does_not_exist_is_no_matter_to_the_status(void **state)
{
    (void)state;
    assert_project_sent(make_analyst(0), MSTR_REQUEST_NO_AUTH, "0123456789ABCDEF0123456789ABCDEF");
}

static void an_unknown_path_is_not_found(void **state)
{
    (void)state;
    mstr_session *session = make(0, MSTR_LOGIN_ANONYMOUS);
    mstr_response *response = NULL;
    assert_done(mstr_session_open(session, NULL, problem));
    assert_int_equal(mstr_session_get(session, "no/such/thing", &response, problem), MSTR_E_NOT_FOUND);
    assert_int_equal(mstr_error_mstr_number(problem), 4);
    mstr_session_free(session);
}

static void user_name_and_password_are_mode_1(void **state)
{
    (void)state;
    mstr_session_free(open_analyst(0));
    struct json_object *log = simulator_log(sim, "mstr");
    assert_string_equal(json_object_get_string(json_object_object_get(simulator_entry(log, "/login"), "body")),
                        ANALYST_LOGIN);
    json_object_put(log);
}

static void assert_api_key_login(enum mstr_login_mode mode, enum mstr_credential_kind kind)
{
    mstr_session *session = make(0, mode);
    give(session, kind, "sim-api-token-analyst");
    assert_done(mstr_session_open(session, NULL, problem));
    assert_sent("POST", "/login",
                "{\"username\":\"sim-api-token-analyst\",\"loginMode\":4096,\"applicationType\":8}");
    mstr_session_free(session);
}

static void an_api_key_is_the_user_name_of_mode_4096(void **state)
{
    (void)state;
    assert_api_key_login(MSTR_LOGIN_GUESS, MSTR_CREDENTIAL_API_KEY);
}

/* Repaired: a lone user name is an API key only where the mode says so; guessing would send a name as a key. */
static void a_lone_user_name_is_an_api_key_where_the_mode_says_so(void **state)
{
    (void)state;
    assert_api_key_login(MSTR_LOGIN_API_KEY, MSTR_CREDENTIAL_USERNAME);
    mstr_session *session = make(0, MSTR_LOGIN_GUESS);
    give(session, MSTR_CREDENTIAL_USERNAME, "analyst");
    assert_int_equal(mstr_session_open(session, NULL, problem), MSTR_E_CONFIG);
    mstr_session_free(session);
}

static void an_anonymous_login_names_nobody(void **state)
{
    (void)state;
    mstr_session *session = make(0, MSTR_LOGIN_ANONYMOUS);
    assert_done(mstr_session_open(session, NULL, problem));
    assert_sent("POST", "/login", "{\"loginMode\":8,\"applicationType\":8}");
    mstr_session_free(session);
}

static void a_refused_login_is_told(void **state)
{
    (void)state;
    mstr_session *session = make_analyst(0);
    simulator_fault(sim, "{\"action\":\"status\",\"status\":401,\"path\":\"*/auth/login\"}");
    assert_int_equal(mstr_session_open(session, NULL, problem), MSTR_E_AUTHENTICATION);
    assert_int_equal(mstr_error_http_status(problem), 401);
    assert_int_equal(simulator_requests(sim, "mstr", NULL), 1);
    mstr_session_free(session);
}

static void logging_out_forgets_the_token(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    assert_done(mstr_session_logout(session, NULL, problem));
    assert_false(mstr_session_is_open(session));
    assert_sent("POST", "/logout", "");
    mstr_session_free(session);
}

/* Repaired: the failure is told, where the original says nothing. */
static void a_logout_that_fails_keeps_the_token(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    simulator_fault(sim, "{\"action\":\"status\",\"status\":500,\"path\":\"*/auth/logout\"}");
    assert_int_equal(mstr_session_logout(session, NULL, problem), MSTR_E_SERVER);
    assert_true(mstr_session_is_open(session));
    mstr_session_free(session);
}

static void logging_out_asks_once(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    assert_done(mstr_session_logout(session, NULL, problem));
    assert_done(mstr_session_close(session, problem));
    mstr_session_free(session);
    assert_int_equal(simulator_requests(sim, "mstr", "*/auth/logout"), 1);
}

static void a_delegation_sends_the_identity_token_and_no_more(void **state)
{
    (void)state;
    mstr_session *creator = open_analyst(0);
    mstr_session *session = make(0, MSTR_LOGIN_DELEGATE);
    mstr_secret *token = NULL;
    char body[512];
    assert_done(mstr_session_create_identity_token(creator, &token, problem));
    give(session, MSTR_CREDENTIAL_IDENTITY_TOKEN, mstr_secret_octets(token));
    assert_done(mstr_session_open(session, NULL, problem));
    snprintf(body, sizeof(body), "{\"identityToken\":\"%s\",\"loginMode\":-1}", mstr_secret_octets(token));
    assert_sent("POST", "/auth/delegate", body);
    assert_true(mstr_session_is_open(session));
    mstr_secret_release(token);
    mstr_session_free(session);
    mstr_session_free(creator);
}

static void a_refused_delegation_is_told(void **state)
{
    (void)state;
    mstr_session *session = make(0, MSTR_LOGIN_DELEGATE);
    give(session, MSTR_CREDENTIAL_IDENTITY_TOKEN, "some-token");
    simulator_fault(sim, "{\"action\":\"status\",\"status\":403,\"path\":\"*/auth/delegate\"}");
    assert_int_equal(mstr_session_open(session, NULL, problem), MSTR_E_DENIED);
    assert_int_equal(mstr_error_http_status(problem), 403);
    mstr_session_free(session);
}

static int count_project(const mstr_project *project, void *data)
{
    *(size_t *)data += project->id != NULL && project->name != NULL;
    return 0;
}

static void the_projects_are_told(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    size_t count = 0;
    assert_done(mstr_session_projects(session, count_project, &count, problem));
    assert_int_equal(count, 3);
    assert_sent("GET", "/projects", "");
    mstr_session_free(session);
}

static void the_projects_are_asked_for_once_for_all_names(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    char id[33];
    assert_done(mstr_session_load_projects(session, problem));
    assert_done(mstr_session_project_id(session, "MicroStrategy Tutorial", id, problem));
    assert_string_equal(id, TUTORIAL);
    assert_done(mstr_session_project_id(session, "Consolidated Education Project", id, problem));
    assert_string_equal(id, "CE52831411E696C8BD2F0080EFD5AF44");
    assert_int_equal(simulator_requests(sim, "mstr", "*/projects"), 1);
    mstr_session_free(session);
}

/* Repaired: an error names the project, where the original gives none and lets the next request fail. */
static void an_unknown_project_is_told(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    char id[33];
    assert_done(mstr_session_load_projects(session, problem));
    assert_int_equal(mstr_session_project_id(session, "microstrategy tutorial", id, problem), MSTR_E_NOT_FOUND);
    assert_non_null(strstr(mstr_error_message(problem), "microstrategy tutorial"));
    mstr_session_free(session);
}

/* Repaired: the projects are asked for by themselves. */
static void a_project_is_found_without_loading_first(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    char id[33];
    assert_done(mstr_session_project_id(session, "Archive", id, problem));
    assert_string_equal(id, "B19DEDCC11D4E0EFC000EB9495D0F44F");
    mstr_session_forget(session);
    assert_int_equal(mstr_session_project_id(session, "Nowhere", id, problem), MSTR_E_SESSION);
    mstr_session_free(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ORIGINAL("test_auth.test_login", a_session_exists_between_login_and_logout),
        ORIGINAL("test_auth.test_prolong_session", extending_is_a_put_that_answers_204),
        ORIGINAL("test_auth.test_get_session_status", the_session_can_be_asked_for),
        ORIGINAL("test_auth.test_get_session_failure", the_session_cannot_be_asked_for_when_there_is_none),
        ORIGINAL("test_auth.test_context_manager", an_anonymous_session_has_a_token_while_it_is_open),
        ORIGINAL("test_auth.test_destroy_auth_token", forgetting_no_token_is_harmless),
        ORIGINAL("test_base.test_request_warns_on_double_slash_in_path", doubled_slashes_in_the_path_are_refused),
        ORIGINAL("test_base.test_destroy_auth_token_when_no_token_does_not_raise", forgetting_no_token_is_harmless),
        ORIGINAL("test_base.test_request_value_error_on_non_json_error_body",
                 a_failure_that_is_not_json_is_told_with_its_text),
        ORIGINAL("test_base.test_request_captures_x_mstr_headers_on_success",
                 of_the_headers_of_an_answer_only_the_token_is_kept),
        ORIGINAL("test_base.test_request_includes_auth_header_when_session_has_token", the_token_goes_with_a_request),
        ORIGINAL("test_base.test_request_includes_project_id_header_when_given", the_project_goes_with_a_request),
        ORIGINAL("test_base_session.test_project_id", a_project_that_does_not_exist_is_no_matter_to_the_status),
        ORIGINAL("test_general.test_unimplemented_method", an_unknown_path_is_not_found),
        ORIGINAL("test_rest_api.TestAuthMixin.test_post_login_username_password_sends_login_mode_1",
                 user_name_and_password_are_mode_1),
        ORIGINAL("test_rest_api.TestAuthMixin.test_post_login_api_key_sends_login_mode_4096",
                 an_api_key_is_the_user_name_of_mode_4096),
        ORIGINAL("test_rest_api.TestAuthMixin.test_post_login_username_only_sends_login_mode_4096",
                 a_lone_user_name_is_an_api_key_where_the_mode_says_so),
        ORIGINAL("test_rest_api.TestAuthMixin.test_post_login_anonymous_sends_login_mode_8",
                 an_anonymous_login_names_nobody),
        ORIGINAL("test_rest_api.TestAuthMixin.test_post_login_non_204_raises_for_status", a_refused_login_is_told),
        ORIGINAL("test_rest_api.TestAuthMixin.test_post_logout_204_calls_destroy_auth_token",
                 logging_out_forgets_the_token),
        ORIGINAL("test_rest_api.TestAuthMixin.test_post_logout_non_204_does_not_destroy_token",
                 a_logout_that_fails_keeps_the_token),
        ORIGINAL("test_rest_api.TestAuthMixin.test_login_calls_post_login", user_name_and_password_are_mode_1),
        ORIGINAL("test_rest_api.TestAuthMixin.test_logout_calls_post_logout", logging_out_asks_once),
        ORIGINAL("test_rest_api.TestAuthMixin.test_delegate_success_returns_response",
                 a_delegation_sends_the_identity_token_and_no_more),
        ORIGINAL("test_rest_api.TestAuthMixin.test_delegate_non_204_raises_for_status", a_refused_delegation_is_told),
        ORIGINAL("test_rest_api.TestProjectsMixin.test_get_projects_returns_json", the_projects_are_told),
        ORIGINAL("test_rest_api.TestProjectsMixin.test_load_projects_populates_lookups",
                 the_projects_are_asked_for_once_for_all_names),
        ORIGINAL("test_rest_api.TestProjectsMixin.test_get_project_id_after_load_returns_id",
                 the_projects_are_asked_for_once_for_all_names),
        ORIGINAL("test_rest_api.TestProjectsMixin.test_get_project_id_missing_returns_none",
                 an_unknown_project_is_told),
        ORIGINAL("test_rest_api.TestProjectsMixin.test_get_project_id_before_load_raises_session_exception",
                 a_project_is_found_without_loading_first),
        ORIGINAL("test_rest_api.TestSessionsMixin.test_put_sessions_calls_put", extending_is_a_put_that_answers_204),
        ORIGINAL("test_rest_api.TestSessionsMixin.test_get_sessions_userinfo_calls_get", the_user_can_be_asked_for),
        ORIGINAL("test_rest_api.TestSessionsMixin.test_get_sessions_calls_get", the_session_can_be_asked_for),
        ORIGINAL("test_rest_api.TestSessionsMixin.test_extend_session_calls_put_sessions",
                 extending_has_a_second_name),
        ORIGINAL("test_rest_api.TestSessionsMixin.test_get_userinfo_calls_get_sessions_userinfo",
                 the_user_has_a_second_name),
        ORIGINAL("test_rest_api.TestSessionsMixin.test_get_session_info_calls_get_sessions",
                 the_session_has_a_second_name),
        ORIGINAL("test_rest_api.TestCheckValidSession.test_put_sessions_without_session_raises",
                 no_session_cannot_be_extended),
        ORIGINAL("test_rest_api.TestCheckValidSession.test_get_sessions_without_session_raises",
                 the_session_cannot_be_asked_for_when_there_is_none),
        ORIGINAL("test_rest_api.TestCheckValidSession.test_get_sessions_userinfo_without_session_raises",
                 the_user_cannot_be_asked_for_when_there_is_no_session),
    };
    _Static_assert(COUNT_OF(tests) == 6 + 6 + 1 + 1 + 25, "one entry for each test of the original");
    return cmocka_run_group_tests_name("parity/rest", tests, start, stop);
}
