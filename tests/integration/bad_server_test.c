/* SPDX-License-Identifier: Apache-2.0 */
/* The session and servers that misbehave: a typed error in time, and nothing leaked. */
#include "support/session.h"
#include "support/tiny_server.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

static void a_login_that_gives_no_token_is_a_failure(void **state)
{
    static const char *const faults[] = {
        "{\"action\":\"html\",\"status\":200,\"path\":\"*/auth/login\"}",
        "{\"action\":\"status\",\"status\":204,\"path\":\"*/auth/login\"}",
        "{\"action\":\"status\",\"status\":204,\"headers\":{\"X-MSTR-AuthToken\":\"\"},\"path\":\"*/auth/login\"}",
        "{\"action\":\"status\",\"status\":302,\"headers\":{\"Location\":\"/login.html\"},\"path\":\"*/auth/login\"}",
        "{\"action\":\"status\",\"status\":302,\"headers\":{\"X-MSTR-AuthToken\":\"x\",\"Location\":\"//a/\"}}",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        simulator_reset(sim);
        mstr_session *session = make_analyst(0);
        simulator_fault(sim, faults[i]);
        enum mstr_code code = mstr_session_open(session, NULL, problem);
        assert_true(code == MSTR_E_PROTOCOL || code == MSTR_E_NOT_FOUND);
        assert_false(mstr_session_is_open(session));
        assert_null(strstr(mstr_error_message(problem), "Simul8"));
        mstr_session_free(session);
    }
}

static void a_bad_server_is_told_in_time(void **state)
{
    static const struct {
        const char *fault;
        enum mstr_code code;
    } cases[] = {
        {"{\"action\":\"endless_headers\",\"times\":-1,\"path\":\"*/sessions\"}", MSTR_E_PROTOCOL},
        {"{\"action\":\"truncate\",\"bytes\":5,\"times\":-1,\"path\":\"*/sessions\"}", MSTR_E_NETWORK},
        {"{\"action\":\"wrong_length\",\"difference\":10,\"times\":-1,\"path\":\"*/sessions\"}", MSTR_E_NETWORK},
        {"{\"action\":\"garbage\",\"times\":-1,\"path\":\"*/sessions\"}", MSTR_E_PROTOCOL},
        {"{\"action\":\"reset\",\"times\":-1,\"path\":\"*/sessions\"}", MSTR_E_NETWORK},
        {"{\"action\":\"hang\",\"times\":-1,\"path\":\"*/sessions\"}", MSTR_E_TIMEOUT},
        {"{\"action\":\"drip\",\"bytes_per_second\":1,\"times\":-1,\"path\":\"*/sessions\"}", MSTR_E_TIMEOUT},
        {"{\"action\":\"status\",\"status\":503,\"headers\":{\"Retry-After\":\"30\"},\"times\":-1,\"path\":"
         "\"*/sessions\"}",
         MSTR_E_UNAVAILABLE},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        simulator_reset(sim);
        mstr_session *session = open_analyst(0);
        mstr_response *response = NULL;
        mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
        mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
        call.timeout = 2500;
        request.path = "sessions";
        request.call = &call;
        simulator_fault(sim, cases[i].fault);
        print_message("           %s\n", cases[i].fault);

        assert_int_equal(mstr_session_send(session, &request, &response, problem), cases[i].code);

        assert_null(response);
        mstr_session_free(session);
    }
}

/* A server that puts line breaks into what the session would send back. */
struct breaking {
    const char *login; /* headers of the answers; @ = NUL */
    const char *later;
    atomic_int logouts;
    char last[512]; /* the head of the logout */
};

static bool answer_breaking(struct tiny_connection *connection, const struct tiny_request *request, void *data)
{
    struct breaking *server = data;
    bool is_logout = strstr(request->head, "auth/logout") != NULL;
    if (is_logout) {
        snprintf(server->last, sizeof(server->last), "%s", request->head);
        server->logouts++;
    }
    tiny_text(connection, "HTTP/1.1 204 No Content\r\n");
    for (const char *at = strstr(request->head, "auth/login") != NULL ? server->login
                          : is_logout                                 ? ""
                                                                      : server->later;
         *at != '\0'; at++) {
        tiny_write(connection, *at == '@' ? "" : at, 1);
    }
    return tiny_text(connection, "\r\n");
}

static void a_token_or_cookie_with_line_breaks_is_told_and_the_session_is_logged_out(void **state)
{
    static const struct {
        const char *login;
        const char *later;
        const char *part;   /* of the message */
        const char *logout; /* what it carries */
    } cases[] = {
        {"X-MSTR-AuthToken: a\rb\r\nSet-Cookie: JSESSIONID=s1; Path=/\r\n", "",
         "POST /api/auth/login: the answer's header X-MSTR-AuthToken", "JSESSIONID=s1"},
        {"X-MSTR-AuthToken: good\r\nSet-Cookie: JSESSIONID=s\r1\r\nSet-Cookie: node=n1; Path=/\r\n", "", "Set-Cookie",
         "X-MSTR-AuthToken: good"},
        {"X-MSTR-AuthToken: good\r\nSet-Cookie: JSESSIONID=s@1\r\n", "", "does not answer in HTTP",
         "X-MSTR-AuthToken: good"},
        {"X-MSTR-AuthToken: good\r\nContent-Length: 1\r\nContent-Length: 2\r\n", "", "does not answer in HTTP",
         "X-MSTR-AuthToken: good"},
        {"X-MSTR-AuthToken: good\r\n", "x-mstr-authtoken: a\x1b[2Jb\r\n", "x-mstr-authtoken",
         "X-MSTR-AuthToken: good"},
        {"X-MSTR-AuthToken: good\r\n", "X-MSTR-AuthToken: next\r\nSet-Cookie: a=b\rX-Evil: 1\r\n", "Set-Cookie",
         "X-MSTR-AuthToken: next"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct breaking breaking = {.login = cases[i].login, .later = cases[i].later};
        struct tiny_server *server = tiny_server_start(answer_breaking, &breaking, NULL);
        mstr_session *session = make_analyst(0);
        mstr_response *response = NULL;
        give(session, MSTR_CREDENTIAL_BASE_URL, tiny_server_url(server, "/api/"));
        enum mstr_code code = mstr_session_open(session, NULL, problem);
        if (*cases[i].later != '\0') {
            assert_done(code);
            code = mstr_session_get(session, "sessions", &response, problem);
        }

        assert_int_equal(code, MSTR_E_PROTOCOL);

        if (strstr(mstr_error_message(problem), cases[i].part) == NULL) {
            fail_msg("\"%s\" does not tell \"%s\"", mstr_error_message(problem), cases[i].part);
        }
        assert_int_equal(mstr_session_is_open(session), *cases[i].later != '\0');
        mstr_session_free(session);
        tiny_server_stop(server);
        assert_int_equal(breaking.logouts, 1);
        assert_non_null(strstr(breaking.last, cases[i].logout));
        assert_null(strstr(breaking.last, "Evil"));
        mstr_error_clear(problem);
    }
}

static void a_login_on_a_bad_server_fails_in_time(void **state)
{
    static const struct {
        const char *fault;
        enum mstr_code code;
    } cases[] = {
        {"{\"action\":\"hang\",\"times\":-1}", MSTR_E_TIMEOUT},
        {"{\"action\":\"endless_headers\",\"times\":-1}", MSTR_E_PROTOCOL},
        {"{\"action\":\"garbage\",\"times\":-1}", MSTR_E_PROTOCOL},
        {"{\"action\":\"reset\",\"times\":-1}", MSTR_E_NETWORK},
        {"{\"action\":\"status\",\"status\":500,\"body\":\"you sent Simul8-analyst\"}", MSTR_E_SERVER},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        simulator_reset(sim);
        mstr_session *session = make_analyst(0);
        mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
        call.timeout = 1500;
        simulator_fault(sim, cases[i].fault);
        print_message("           %s\n", cases[i].fault);

        enum mstr_code code = mstr_session_open(session, &call, problem);

        assert_int_equal(code, cases[i].code);
        assert_false(mstr_session_is_open(session));
        assert_null(strstr(mstr_error_message(problem), "Simul8")); /* not even when the server repeats it */
        mstr_session_free(session);
    }
}

static void an_answer_that_stands_still_ends_by_the_sessions_wish(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    mstr_response *response = NULL;
    mstr_network network = MSTR_NETWORK_INIT;
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    network.stall_timeout = 300;
    request.path = "sessions";
    request.network = &network;
    simulator_fault(sim, "{\"action\":\"hang\",\"times\":-1,\"path\":\"*/sessions\"}");

    assert_int_equal(mstr_session_send(session, &request, &response, problem), MSTR_E_TIMEOUT);

    assert_non_null(strstr(mstr_error_message(problem), "300 ms"));
    mstr_session_free(session);
}

/* Only an answer of success may change the session, and only for its own server. */
static void what_a_bad_answer_sets_is_not_kept(void **state)
{
    static const char *const faults[] = {
        "{\"action\":\"status\",\"status\":500,\"headers\":{\"X-MSTR-AuthToken\":\"forged\"}}",
        "{\"action\":\"status\",\"status\":302,\"headers\":{\"X-MSTR-AuthToken\":\"x\",\"Location\":\"//a/\"}}",
        "{\"action\":\"status\",\"status\":404,\"headers\":{\"Set-Cookie\":\"evil=1; Domain=other.example\"}}",
        "{\"action\":\"status\",\"status\":404,\"headers\":{\"Set-Cookie\":\"evil=1; Domain=com\"}}",
        "{\"action\":\"status\",\"status\":404,\"headers\":{\"Set-Cookie\":\"evil=1; Secure\"}}",
        "{\"action\":\"status\",\"status\":404,\"headers\":{\"Set-Cookie\":\"evil=1; Path=/elsewhere\"}}",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        simulator_reset(sim);
        mstr_session *session = open_analyst(MSTR_SESSION_NO_RELOGIN);
        mstr_response *response = NULL;
        simulator_fault(sim, faults[i]);
        assert_int_not_equal(mstr_session_get(session, "status", &response, NULL), MSTR_OK);
        assert_done(mstr_session_userinfo(session, &response, problem)); /* the token is the one it was */
        struct json_object *log = simulator_log(sim, "mstr");
        assert_null(strstr(simulator_header(simulator_entry(log, "/sessions/userInfo"), "Cookie"), "evil"));
        json_object_put(log);
        mstr_response_free(response);
        mstr_session_free(session);
    }
}

static void projects_that_are_none_are_told(void **state)
{
    static const struct {
        const char *fault;
        enum mstr_code code;
    } cases[] = {
        {"{\"action\":\"html\",\"status\":200}", MSTR_E_PROTOCOL},
        {"{\"action\":\"status\",\"status\":200,\"body\":\"{}\"}", MSTR_E_PROTOCOL},
        {"{\"action\":\"status\",\"status\":200,\"body\":\"[1,null,{\\\"id\\\":7},[]]\"}", MSTR_OK},
        {"{\"action\":\"status\",\"status\":204}", MSTR_OK},
    };
    (void)state;
    mstr_session *session = open_analyst(0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        simulator_fault(sim, cases[i].fault);
        assert_int_equal(mstr_session_load_projects(session, problem), cases[i].code);
        mstr_error_clear(problem);
    }
    mstr_session_free(session);
}

static void the_timeout_of_a_request_holds_for_its_login_too(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    mstr_response *response = NULL;
    mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    call.timeout = 1500;
    request.path = "sessions";
    request.call = &call;
    simulator_admin(sim, "POST", "/sessions/expire", "{}");
    simulator_fault(sim, "{\"action\":\"hang\",\"times\":1,\"path\":\"*/auth/login\"}");

    assert_int_equal(mstr_session_send(session, &request, &response, problem), MSTR_E_TIMEOUT);

    request.call = NULL;
    assert_done(mstr_session_send(session, &request, &response, problem)); /* others are not harmed by it */
    mstr_response_free(response);
    mstr_session_free(session);
}

enum { ATTEMPTS = 3, PROMPTLY = 50 /* ms, as mstr_cancel_now() promises */ };

struct canceller {
    mstr_cancel *cancel;
    const char *path;  /* cancels once a request for it has arrived */
    int64_t cancelled; /* when it did, ms */
};

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void *cancel_when_the_request_is_there(void *data)
{
    struct canceller *canceller = data;
    while (simulator_requests(sim, "mstr", canceller->path) == 0) {
        usleep(5000);
    }
    canceller->cancelled = now();
    mstr_cancel_now(canceller->cancel);
    return NULL;
}

/* Sends a request that the fault holds up at `path`, cancels it there, and tells how long it took to come back,
 * ms. */
static int64_t cancel_at(const char *fault, const char *path)
{
    pthread_t thread;
    mstr_response *response = NULL;
    mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    simulator_reset(sim);
    mstr_session *session = open_analyst(0);
    if (strcmp(path, "*/auth/login") == 0) {
        simulator_admin(sim, "POST", "/sessions/expire", "{}");
        simulator_admin(sim, "DELETE", "/log", NULL);
    }
    struct canceller canceller = {mstr_cancel_new(), path, 0};
    call.cancel = canceller.cancel;
    call.timeout = 60000;
    request.path = "sessions";
    request.call = &call;
    simulator_fault(sim, fault);
    pthread_create(&thread, NULL, cancel_when_the_request_is_there, &canceller);

    assert_int_equal(mstr_session_send(session, &request, &response, problem), MSTR_E_CANCELLED);

    int64_t returned = now();
    pthread_join(thread, NULL);
    mstr_session_forget(session);
    mstr_session_free(session);
    mstr_cancel_free(canceller.cancel);
    return returned - canceller.cancelled;
}

/* Most attempts count, since the machine may have other things to do. */
static void a_request_can_be_cancelled_wherever_it_waits(void **state)
{
    static const struct {
        const char *fault;
        const char *path;
    } cases[] = {
        {"{\"action\":\"hang\",\"times\":-1,\"path\":\"*/sessions\"}", "*/sessions"}, /* for an answer */
        {"{\"action\":\"drip\",\"bytes_per_second\":1,\"times\":-1,\"path\":\"*/sessions\"}", "*/sessions"},
        {"{\"action\":\"status\",\"status\":503,\"headers\":{\"Retry-After\":\"50\"},\"times\":-1,"
         "\"path\":\"*/sessions\"}",
         "*/sessions"},                                                                   /* to try again */
        {"{\"action\":\"hang\",\"times\":-1,\"path\":\"*/auth/login\"}", "*/auth/login"}, /* for a new login */
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int prompt = 0;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            prompt += cancel_at(cases[i].fault, cases[i].path) <= PROMPTLY;
        }
        assert_in_range(prompt, ATTEMPTS / 2 + 1, ATTEMPTS);
    }
}

static void note_logout(const mstr_event *event, void *data)
{
    if (event->kind == MSTR_EVENT_LOGOUT) {
        *(int64_t *)data = event->elapsed;
    }
}

/* The server begins the session all the same, and nobody else could end it; but a server that does not answer to that
 * either is not waited for as long as it would be otherwise. */
static void a_login_that_is_cancelled_leaves_no_session_where_that_is_wanted(void **state)
{
    pthread_t thread;
    int64_t elapsed = 0;
    mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    struct canceller canceller = {mstr_cancel_new(), "*/auth/login", 0};
    (void)state;
    simulator_reset(sim);
    mstr_session *session = make_analyst(MSTR_SESSION_AWAIT_LOGIN);
    call.cancel = canceller.cancel;
    mstr_session_set_event_fn(session, note_logout, &elapsed);
    simulator_fault(sim, "{\"action\":\"delay\",\"ms\":100,\"path\":\"*/auth/login\"}");
    simulator_fault(sim, "{\"action\":\"hang\",\"path\":\"*/auth/logout\"}");
    pthread_create(&thread, NULL, cancel_when_the_request_is_there, &canceller);

    assert_int_equal(mstr_session_open(session, &call, problem), MSTR_E_CANCELLED);

    pthread_join(thread, NULL);
    assert_false(mstr_session_is_open(session));
    assert_int_equal(simulator_requests(sim, "mstr", "*/auth/logout"), 1);
    assert_in_range(elapsed, 900, 4500); /* ms */
    mstr_session_free(session);
    mstr_cancel_free(canceller.cancel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_login_that_gives_no_token_is_a_failure),
        TEST(a_token_or_cookie_with_line_breaks_is_told_and_the_session_is_logged_out),
        TEST(a_login_on_a_bad_server_fails_in_time),
        TEST(a_bad_server_is_told_in_time),
        TEST(an_answer_that_stands_still_ends_by_the_sessions_wish),
        TEST(what_a_bad_answer_sets_is_not_kept),
        TEST(projects_that_are_none_are_told),
        TEST(the_timeout_of_a_request_holds_for_its_login_too),
        TEST(a_request_can_be_cancelled_wherever_it_waits),
        TEST(a_login_that_is_cancelled_leaves_no_session_where_that_is_wanted),
    };
    return cmocka_run_group_tests_name("bad_server", tests, start, stop);
}
