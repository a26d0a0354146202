/* SPDX-License-Identifier: Apache-2.0 */
/* The session against the simulator, over real sockets: logging in and out, requests, expiry, faults. */
#include "support/session.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static void a_session_logs_in_works_and_logs_out(void **state)
{
    (void)state;
    mstr_session *session = make_analyst(0);
    assert_false(mstr_session_is_open(session));
    assert_int_equal(simulator_requests(sim, "mstr", NULL), 0);

    assert_done(mstr_session_open(session, NULL, problem));
    assert_true(mstr_session_is_open(session));
    assert_done(mstr_session_open(session, NULL, problem)); /* open already */
    mstr_response *response = NULL;
    assert_done(mstr_session_get(session, "/sessions", &response, problem));
    assert_int_equal(mstr_response_status(response), 200);
    mstr_response_free(response);
    assert_done(mstr_session_close(session, problem));

    assert_false(mstr_session_is_open(session));
    assert_int_equal(simulator_counter(sim, "mstr", "logins"), 1);
    assert_int_equal(simulator_counter(sim, "mstr", "logouts"), 1);
    assert_int_equal(mstr_session_get(session, "sessions", &response, problem), MSTR_E_SESSION);
    assert_null(response);
    mstr_session_free(session);
}

struct login_case {
    const char *name;
    enum mstr_login_mode mode;
    const char *credentials[MSTR_CREDENTIAL_KINDS]; /* by kind */
    enum mstr_code code;
    const char *body; /* of the login, NULL = none was sent */
};

#define APPLICATION ",\"applicationType\":8}"
#define ANALYST     [MSTR_CREDENTIAL_USERNAME] = "analyst", [MSTR_CREDENTIAL_PASSWORD] = "Simul8-analyst"

static const struct login_case login_cases[] = {
    {"user name and password",
     MSTR_LOGIN_GUESS,
     {ANALYST},
     MSTR_OK,
     "{\"username\":\"analyst\",\"password\":\"Simul8-analyst\",\"loginMode\":1" APPLICATION},
    {"an API key goes first",
     MSTR_LOGIN_GUESS,
     {ANALYST, [MSTR_CREDENTIAL_API_KEY] = "sim-api-token-analyst"},
     MSTR_OK,
     "{\"username\":\"sim-api-token-analyst\",\"loginMode\":4096" APPLICATION},
    {"an explicit mode decides",
     MSTR_LOGIN_STANDARD,
     {ANALYST, [MSTR_CREDENTIAL_API_KEY] = "sim-api-token-analyst"},
     MSTR_OK,
     "{\"username\":\"analyst\",\"password\":\"Simul8-analyst\",\"loginMode\":1" APPLICATION},
    {"LDAP",
     MSTR_LOGIN_LDAP,
     {[MSTR_CREDENTIAL_USERNAME] = "ldap.user", [MSTR_CREDENTIAL_PASSWORD] = "Simul8-ldap"},
     MSTR_OK,
     "{\"username\":\"ldap.user\",\"password\":\"Simul8-ldap\",\"loginMode\":16" APPLICATION},
    {"anonymous when asked for", MSTR_LOGIN_ANONYMOUS, {NULL}, MSTR_OK, "{\"loginMode\":8" APPLICATION},
    {"never anonymous unasked", MSTR_LOGIN_GUESS, {NULL}, MSTR_E_CONFIG, NULL},
    {"a password alone is no login",
     MSTR_LOGIN_GUESS,
     {[MSTR_CREDENTIAL_PASSWORD] = "Simul8-analyst"},
     MSTR_E_CONFIG,
     NULL},
    {"an empty password is no password",
     MSTR_LOGIN_GUESS,
     {[MSTR_CREDENTIAL_USERNAME] = "analyst", [MSTR_CREDENTIAL_PASSWORD] = ""},
     MSTR_E_CONFIG,
     NULL},
    {"an unknown identity token",
     MSTR_LOGIN_GUESS,
     {[MSTR_CREDENTIAL_IDENTITY_TOKEN] = "forged"},
     MSTR_E_AUTHENTICATION,
     "{\"identityToken\":\"forged\",\"loginMode\":-1}"},
};

static void every_mode_sends_what_it_needs_and_nothing_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(login_cases); i++) {
        const struct login_case *test = &login_cases[i];
        print_message("           %s\n", test->name);
        simulator_reset(sim);
        mstr_session *session = make(0, test->mode);
        for (int kind = 0; kind < MSTR_CREDENTIAL_KINDS; kind++) {
            if (test->credentials[kind] != NULL) {
                give(session, (enum mstr_credential_kind)kind, test->credentials[kind]);
            }
        }

        assert_int_equal(mstr_session_open(session, NULL, problem), test->code);

        assert_int_equal(mstr_session_is_open(session) != 0, test->code == MSTR_OK);
        struct json_object *log = simulator_log(sim, "mstr");
        assert_int_equal(json_object_array_length(log), test->body != NULL);
        if (test->body != NULL) {
            struct json_object *entry = json_object_array_get_idx(log, 0);
            assert_string_equal(json_object_get_string(json_object_object_get(entry, "body")), test->body);
        }
        json_object_put(log);
        mstr_session_free(session);
    }
}

static void login_fields_go_out_with_every_login(void **state)
{
    (void)state;
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    mstr_response *info = NULL;
    int64_t number = 0;
    options.flags = MSTR_SESSION_NO_PROFILE;
    options.login_fields = " {\"workingSet\": 20, \"maxSearch\": 7, \"timeZone\": \"Europe/Berlin\"} ";
    mstr_session *session = make_with(&options);
    give(session, MSTR_CREDENTIAL_USERNAME, "analyst");
    give(session, MSTR_CREDENTIAL_PASSWORD, "Simul8-analyst");
    for (int i = 0; i < 2; i++) { /* the second time by a renewal */
        assert_done(mstr_session_open(session, NULL, problem));
        simulator_admin(sim, "POST", "/sessions/expire", "{}");
        assert_done(mstr_session_info(session, &info, problem));
        assert_true(mstr_response_number(info, "/workingSet", &number));
        assert_int_equal(number, 20);
        assert_true(mstr_response_number(info, "/maxSearch", &number));
        assert_int_equal(number, 7);
        mstr_response_free(info);
    }
    struct json_object *log = simulator_log(sim, "mstr");
    const char *body = json_object_get_string(json_object_object_get(json_object_array_get_idx(log, 0), "body"));
    assert_string_equal(body, "{\"username\":\"analyst\",\"password\":\"Simul8-analyst\",\"loginMode\":1,"
                              "\"applicationType\":8,\"workingSet\": 20, \"maxSearch\": 7, "
                              "\"timeZone\": \"Europe/Berlin\"}");
    json_object_put(log);
    mstr_session_free(session);
}

static void a_wrong_password_is_tried_once(void **state)
{
    (void)state;
    mstr_session *session = make(0, MSTR_LOGIN_GUESS);
    give(session, MSTR_CREDENTIAL_USERNAME, "analyst");
    give(session, MSTR_CREDENTIAL_PASSWORD, "not-the-password");

    assert_int_equal(mstr_session_open(session, NULL, problem), MSTR_E_AUTHENTICATION);

    assert_int_equal(mstr_error_mstr_number(problem), 3);
    assert_int_equal(mstr_error_http_status(problem), 401);
    assert_string_equal(mstr_error_step(problem), "login");
    assert_non_null(mstr_error_request_id(problem));
    assert_null(strstr(mstr_error_message(problem), "not-the-password"));
    assert_int_equal(simulator_counter(sim, "mstr", "failed_logins"), 1);
    mstr_session_free(session);
}

static void a_request_carries_token_cookies_and_project(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    mstr_response *response = NULL;
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    const struct mstr_header query = {"name", "a b&c"};
    request.path = "searches/results";
    request.query = &query;
    request.query_count = 1;
    request.project = "MicroStrategy Tutorial";

    assert_done(mstr_session_send(session, &request, &response, problem));
    mstr_response_free(response);
    assert_done(mstr_session_send(session, &request, &response, problem));
    mstr_response_free(response);

    struct json_object *log = simulator_log(sim, "mstr");
    struct json_object *entry = simulator_entry(log, "/searches/results");
    assert_string_equal(json_object_get_string(json_object_object_get(entry, "target")),
                        "/MicroStrategyLibrary/api/searches/results?name=a%20b%26c");
    assert_string_equal(simulator_header(entry, "X-MSTR-ProjectID"), "B7CA92F04B9FAE8D941C3E9B7E0CD754");
    assert_non_null(simulator_header(entry, "X-MSTR-AuthToken"));
    assert_non_null(strstr(simulator_header(entry, "Cookie"), "JSESSIONID="));
    assert_null(simulator_header(simulator_entry(log, "/projects"), "X-MSTR-ProjectID"));
    assert_int_equal(simulator_requests(sim, "mstr", "*/projects"), 1); /* the name was asked for once */
    json_object_put(log);
    mstr_session_free(session);
}

static void an_unknown_project_is_told(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    char id[33];

    assert_int_equal(mstr_session_project_id(session, "Nowhere", id, problem), MSTR_E_NOT_FOUND);
    assert_done(mstr_session_project_id(session, "Archive", id, problem));

    assert_string_equal(id, "B19DEDCC11D4E0EFC000EB9495D0F44F");
    mstr_session_free(session);
}

static void a_request_without_authentication_sends_no_token(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    mstr_response *response = NULL;
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    request.path = "status";
    request.flags = MSTR_REQUEST_NO_AUTH;

    assert_done(mstr_session_send(session, &request, &response, problem));

    struct json_object *log = simulator_log(sim, "mstr");
    assert_null(simulator_header(simulator_entry(log, "/status"), "X-MSTR-AuthToken"));
    json_object_put(log);
    mstr_response_free(response);
    mstr_session_free(session);
}

static void an_expired_session_logs_in_again_and_repeats_the_request(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    mstr_response *response = NULL;
    simulator_admin(sim, "POST", "/sessions/expire", "{}");

    assert_done(mstr_session_get(session, "sessions/userInfo", &response, problem));

    assert_non_null(strstr(mstr_response_body(response, NULL), "Ann Analyst"));
    assert_int_equal(simulator_counter(sim, "mstr", "logins"), 2);
    assert_int_equal(simulator_requests(sim, "mstr", "*/sessions/userInfo"), 2);
    mstr_response_free(response);
    mstr_session_free(session);
}

static void an_expired_session_is_told_when_logging_in_again_is_off(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(MSTR_SESSION_NO_RELOGIN);
    mstr_response *response = NULL;
    simulator_admin(sim, "POST", "/sessions/expire", "{}");

    assert_int_equal(mstr_session_get(session, "sessions", &response, problem), MSTR_E_SESSION);

    assert_int_equal(mstr_error_mstr_number(problem), 9);
    assert_int_equal(simulator_counter(sim, "mstr", "logins"), 1);
    mstr_error_clear(problem);
    assert_done(mstr_session_close(session, problem)); /* an expired session is closed already */
    mstr_session_free(session);
}

enum { THREADS = 16 };

static void *get_sessions(void *data)
{
    mstr_response *response = NULL;
    mstr_error *error = mstr_error_new();
    enum mstr_code code = mstr_session_get(data, "sessions", &response, error);
    mstr_response_free(response);
    mstr_error_free(error);
    return (void *)(uintptr_t)code;
}

/* Runs get_sessions() in many threads; how many ended with `code`. */
static size_t count_of_threads_with(mstr_session *session, enum mstr_code code)
{
    pthread_t threads[THREADS];
    size_t found = 0;
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, get_sessions, session), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        void *result = NULL;
        pthread_join(threads[i], &result);
        found += (uintptr_t)result == (uintptr_t)code;
    }
    return found;
}

static void many_threads_that_meet_one_expiry_cause_one_login(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    simulator_admin(sim, "POST", "/sessions/expire", "{}");

    assert_int_equal(count_of_threads_with(session, MSTR_OK), THREADS);

    assert_int_equal(simulator_counter(sim, "mstr", "logins"), 2);
    mstr_session_free(session);
}

static void a_password_that_no_longer_works_is_tried_once_by_all_threads(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    simulator_admin(sim, "POST", "/users/password",
                    "{\"service\":\"mstr\",\"user\":\"analyst\",\"password\":\"changed\"}");
    simulator_admin(sim, "POST", "/sessions/expire", "{}");

    assert_int_equal(count_of_threads_with(session, MSTR_OK), 0);

    assert_int_equal(simulator_counter(sim, "mstr", "failed_logins"), 1);
    assert_false(mstr_session_is_open(session));
    mstr_session_free(session);
}

static void *open_and_free(void *data)
{
    enum mstr_code code = mstr_session_open(data, NULL, NULL);
    mstr_session_free(data);
    return (void *)(uintptr_t)code;
}

static void of_many_sessions_with_a_password_that_is_refused_one_sends_it(void **state)
{
    pthread_t threads[THREADS];
    (void)state;
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < THREADS; i++) {
            mstr_session *session = make(0, MSTR_LOGIN_GUESS);
            give(session, MSTR_CREDENTIAL_USERNAME, "analyst");
            mstr_session_set_credential(session, MSTR_CREDENTIAL_PASSWORD, mstr_credential_reference("text:wrong"));
            assert_int_equal(pthread_create(&threads[i], NULL, open_and_free, session), 0);
        }
        for (size_t i = 0; i < THREADS; i++) {
            void *result = NULL;
            pthread_join(threads[i], &result);
            assert_int_equal((uintptr_t)result, MSTR_E_AUTHENTICATION);
        }
    }
    assert_int_equal(simulator_counter(sim, "mstr", "failed_logins"), 1);
}

static void a_passing_failure_is_retried_where_that_is_safe(void **state)
{
    static const struct {
        const char *method;
        const char *path;
        const char *fault;
        enum mstr_code code;
        size_t sent;
    } cases[] = {
        {"GET", "sessions", "{\"action\":\"status\",\"status\":503,\"times\":2,\"path\":\"*/sessions\"}", MSTR_OK, 3},
        {"PUT", "sessions", "{\"action\":\"status\",\"status\":429,\"times\":1,\"path\":\"*/sessions\"}", MSTR_OK, 2},
        {"GET", "sessions", "{\"action\":\"reset\",\"times\":1,\"path\":\"*/sessions\"}", MSTR_OK, 2},
        {"GET", "sessions", "{\"action\":\"status\",\"status\":500,\"times\":1,\"path\":\"*/sessions\"}",
         MSTR_E_SERVER, 1},
        {"POST", "auth/identityToken",
         "{\"action\":\"status\",\"status\":503,\"times\":1,\"path\":\"*/auth/identityToken\"}", MSTR_E_UNAVAILABLE,
         1},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        simulator_reset(sim);
        mstr_session *session = open_analyst(0);
        mstr_response *response = NULL;
        char pattern[64];
        mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
        request.method = cases[i].method;
        request.path = cases[i].path;
        simulator_fault(sim, cases[i].fault);

        assert_int_equal(mstr_session_send(session, &request, &response, problem), cases[i].code);

        snprintf(pattern, sizeof(pattern), "*/%s", cases[i].path);
        assert_int_equal(simulator_requests(sim, "mstr", pattern), cases[i].sent);
        mstr_response_free(response);
        mstr_session_free(session);
    }
}

static void what_a_gateway_says_is_quoted(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    mstr_response *response = NULL;
    simulator_fault(sim, "{\"action\":\"status\",\"status\":500,\"body\":\"<h1>Bad day</h1>\",\"times\":1}");

    assert_int_equal(mstr_session_get(session, "sessions", &response, problem), MSTR_E_SERVER);

    assert_non_null(strstr(mstr_error_message(problem), "Bad day"));
    assert_int_equal(mstr_error_http_status(problem), 500);
    mstr_session_free(session);
}

static void an_unknown_path_is_not_found(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    mstr_response *response = NULL;
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    request.path = "nothing/here";

    assert_int_equal(mstr_session_send(session, &request, &response, problem), MSTR_E_NOT_FOUND);
    assert_int_equal(mstr_error_mstr_number(problem), 4);
    request.flags = MSTR_REQUEST_KEEP_ERRORS;
    assert_done(mstr_session_send(session, &request, &response, problem));

    assert_int_equal(mstr_response_status(response), 404);
    mstr_response_free(response);
    mstr_session_free(session);
}

static void the_token_follows_rotation(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    simulator_admin(sim, "PUT", "/knobs/mstr", "{\"rotate_token_every\":1}");
    for (int i = 0; i < 3; i++) {
        mstr_response *response = NULL;
        assert_done(mstr_session_get(session, "sessions", &response, problem));
        mstr_response_free(response);
    }
    assert_int_equal(simulator_counter(sim, "mstr", "logins"), 1);
    mstr_session_free(session);
}

static void an_identity_token_opens_another_session_which_is_not_logged_out(void **state)
{
    (void)state;
    mstr_session *creator = open_analyst(0);
    mstr_secret *token = NULL;
    mstr_response *response = NULL;
    assert_done(mstr_session_create_identity_token(creator, &token, problem));
    mstr_session *other = make(0, MSTR_LOGIN_GUESS);
    give(other, MSTR_CREDENTIAL_IDENTITY_TOKEN, mstr_secret_octets(token));

    assert_done(mstr_session_open(other, NULL, problem));
    assert_done(mstr_session_userinfo(other, &response, problem));
    assert_done(mstr_session_close(other, problem));

    assert_non_null(strstr(mstr_response_body(response, NULL), "Ann Analyst"));
    assert_int_equal(simulator_requests(sim, "mstr", "*/auth/logout"), 0);
    mstr_response_free(response);
    mstr_secret_release(token);
    mstr_session_free(other);
    mstr_session_free(creator);
}

static void an_api_token_logs_in(void **state)
{
    (void)state;
    mstr_session *creator = open_analyst(0);
    mstr_secret *token = NULL;
    assert_done(mstr_session_create_api_token(creator, &token, problem));
    mstr_session *other = make(0, MSTR_LOGIN_API_KEY);
    give(other, MSTR_CREDENTIAL_API_KEY, mstr_secret_octets(token));

    assert_done(mstr_session_open(other, NULL, problem));

    mstr_secret_release(token);
    mstr_session_free(other);
    mstr_session_free(creator);
}

static void the_session_can_be_extended_and_asked(void **state)
{
    (void)state;
    mstr_session *session = make_analyst(0);
    mstr_response *response = NULL;
    assert_int_equal(mstr_session_extend(session, problem), MSTR_E_SESSION);
    assert_int_equal(mstr_session_info(session, &response, problem), MSTR_E_SESSION);
    assert_int_equal(mstr_session_userinfo(session, &response, problem), MSTR_E_SESSION);
    assert_int_equal(simulator_requests(sim, "mstr", NULL), 0);

    assert_done(mstr_session_open(session, NULL, problem));
    assert_done(mstr_session_extend(session, problem));
    assert_done(mstr_session_info(session, &response, problem));

    assert_non_null(strstr(mstr_response_body(response, NULL), "\"timeout\""));
    mstr_response_free(response);
    mstr_session_free(session);
}

static void a_failing_logout_hides_no_earlier_failure(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    mstr_response *response = NULL;
    assert_int_equal(mstr_session_get(session, "nothing", &response, problem), MSTR_E_NOT_FOUND);
    simulator_fault(sim, "{\"action\":\"status\",\"status\":500,\"path\":\"*/auth/logout\"}");

    assert_int_equal(mstr_session_close(session, problem), MSTR_E_SERVER);

    assert_int_equal(mstr_error_code(problem), MSTR_E_NOT_FOUND);
    assert_false(mstr_session_is_open(session));
    mstr_session_free(session);
}

static void a_redirect_to_another_server_is_not_followed(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    mstr_response *response = NULL;
    char fault[256];
    snprintf(fault, sizeof(fault),
             "{\"action\":\"status\",\"status\":302,\"headers\":{\"Location\":\"%s/x\"},\"path\":\"*/sessions\"}",
             simulator_url(sim, "aws"));
    simulator_fault(sim, fault);

    assert_int_equal(mstr_session_get(session, "sessions", &response, problem), MSTR_E_PROTOCOL);

    assert_int_equal(simulator_requests(sim, "aws", NULL), 0);
    mstr_session_free(session);
}

static void a_saved_session_is_taken_up_by_another_process(void **state)
{
    (void)state;
    mstr_session *first = open_analyst(0);
    mstr_session *second = make_analyst(0);
    mstr_response *response = NULL;
    char path[256];
    struct stat facts;
    snprintf(path, sizeof(path), "%s/session", simulator_url(sim, "directory"));
    give(first, MSTR_CREDENTIAL_PERSISTENCE_KEY, "a key for tests");
    give(second, MSTR_CREDENTIAL_PERSISTENCE_KEY, "a key for tests");

    assert_done(mstr_session_save(first, path, NULL, problem));
    assert_done(mstr_session_save(first, path, NULL, problem)); /* over the older one */
    assert_done(mstr_session_load(second, path, NULL, problem));
    assert_done(mstr_session_userinfo(second, &response, problem));

    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
    assert_int_equal(simulator_counter(sim, "mstr", "logins"), 1);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(mstr_session_load(second, path, NULL, problem), MSTR_E_DENIED);
    assert_int_equal(chmod(path, 0600), 0);
    give(second, MSTR_CREDENTIAL_PERSISTENCE_KEY, "another key");
    assert_int_equal(mstr_session_load(second, path, NULL, problem), MSTR_E_AUTHENTICATION);
    give(second, MSTR_CREDENTIAL_PERSISTENCE_KEY, "a key for tests");
    mstr_session *elsewhere = make_analyst(0);
    give(elsewhere, MSTR_CREDENTIAL_PERSISTENCE_KEY, "a key for tests");
    give(elsewhere, MSTR_CREDENTIAL_BASE_URL, "https://other.example/api");
    assert_int_equal(mstr_session_load(elsewhere, path, NULL, problem), MSTR_E_AUTHENTICATION);
    mstr_session_free(elsewhere);
    assert_true(mstr_session_is_open(second)); /* a failure changes nothing */
    unlink(path);
    assert_int_equal(mstr_session_load(second, path, NULL, problem), MSTR_E_NOT_FOUND);
    mstr_session_forget(second);
    assert_int_equal(mstr_session_save(second, path, NULL, problem), MSTR_E_SESSION);
    mstr_response_free(response);
    mstr_session_free(second);
    mstr_session_free(first);
}

static void an_imported_session_without_credentials_is_told_as_ended_when_it_expires(void **state)
{
    mstr_session *owner = open_analyst(0);
    mstr_session *guest = make(0, MSTR_LOGIN_GUESS);
    mstr_response *response = NULL;
    mstr_secret *json = NULL;
    (void)state;
    assert_done(mstr_session_export(owner, &json, problem));
    assert_done(mstr_session_import(guest, mstr_secret_octets(json), mstr_secret_length(json), problem));
    assert_done(mstr_session_get(guest, "sessions", &response, problem));
    mstr_response_free(response);
    simulator_admin(sim, "POST", "/sessions/expire", "{}");

    assert_int_equal(mstr_session_get(guest, "sessions", &response, problem), MSTR_E_SESSION);

    assert_int_equal(mstr_error_mstr_number(problem), 9);
    assert_string_equal(mstr_error_service_code(problem), "ERR009");
    mstr_secret_release(json);
    mstr_session_free(guest);
    mstr_session_free(owner);
}

static void a_session_travels_as_plain_json(void **state)
{
    (void)state;
    mstr_session *first = open_analyst(0);
    mstr_session *second = make(MSTR_SESSION_NO_RELOGIN, MSTR_LOGIN_GUESS);
    mstr_response *response = NULL;
    mstr_secret *json = NULL;

    assert_done(mstr_session_export(first, &json, problem));
    assert_done(mstr_session_import(second, mstr_secret_octets(json), mstr_secret_length(json), problem));
    assert_done(mstr_session_userinfo(second, &response, problem));

    assert_int_equal(mstr_session_import(second, "{}", 2, problem), MSTR_E_USAGE);
    assert_true(mstr_session_is_open(second));
    mstr_session_forget(second);
    mstr_secret_release(json);
    mstr_response_free(response);
    mstr_session_free(second);
    mstr_session_free(first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_session_logs_in_works_and_logs_out),
        TEST(every_mode_sends_what_it_needs_and_nothing_else),
        TEST(login_fields_go_out_with_every_login),
        TEST(a_wrong_password_is_tried_once),
        TEST(a_request_carries_token_cookies_and_project),
        TEST(an_unknown_project_is_told),
        TEST(a_request_without_authentication_sends_no_token),
        TEST(an_expired_session_logs_in_again_and_repeats_the_request),
        TEST(an_expired_session_is_told_when_logging_in_again_is_off),
        TEST(many_threads_that_meet_one_expiry_cause_one_login),
        TEST(a_password_that_no_longer_works_is_tried_once_by_all_threads),
        TEST(of_many_sessions_with_a_password_that_is_refused_one_sends_it),
        TEST(a_passing_failure_is_retried_where_that_is_safe),
        TEST(what_a_gateway_says_is_quoted),
        TEST(an_unknown_path_is_not_found),
        TEST(the_token_follows_rotation),
        TEST(an_identity_token_opens_another_session_which_is_not_logged_out),
        TEST(an_api_token_logs_in),
        TEST(the_session_can_be_extended_and_asked),
        TEST(a_failing_logout_hides_no_earlier_failure),
        TEST(a_redirect_to_another_server_is_not_followed),
        TEST(a_saved_session_is_taken_up_by_another_process),
        TEST(an_imported_session_without_credentials_is_told_as_ended_when_it_expires),
        TEST(a_session_travels_as_plain_json),
    };
    return cmocka_run_group_tests_name("session", tests, start, stop);
}
