/* SPDX-License-Identifier: Apache-2.0 */
/* core/session/parts/agent_transport.c: a session's way through the agent */
#include "session/parts/agent_transport.h"

#include "support/session_peer.h"

struct scene {
    struct local_peer peer;
    mstr_context *context;
    mstr_session *session;
    mstr_error *error;
    mstr_response *response;
};

static struct scene *begin(const struct session_script *script)
{
    static struct scene scene;
    scene.error = mstr_error_new();
    scene.response = NULL;
    local_peer_start(&scene.peer, session_peer_serve, script);
    scene.context = session_peer_context(scene.peer.path);
    assert_int_equal(mstr_session_new(scene.context, NULL, &scene.session, NULL), MSTR_OK);
    if (mstr_session_open(scene.session, NULL, scene.error) != MSTR_OK) {
        fail_msg("%s", mstr_error_message(scene.error));
    }
    return &scene;
}

static void finish(struct scene *scene)
{
    mstr_response_free(scene->response);
    mstr_session_free(scene->session);
    mstr_context_free(scene->context);
    mstr_error_free(scene->error);
    local_peer_stop(&scene->peer);
}

static enum mstr_code ask(struct scene *scene, mstr_session_request *request)
{
    mstr_response_free(scene->response);
    scene->response = NULL;
    return mstr_session_send(scene->session, request, &scene->response, scene->error);
}

static void requests_go_below_the_profiles_name(void **state)
{
    (void)state;
    const struct session_script script = {
        .replies = {"200 OK\r\nX-Some: y\r\nContent-Type: application/json\r\n\r\n[1]"}};
    struct scene *scene = begin(&script);
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    request.path = "v2/things?a=%20b";
    assert_int_equal(ask(scene, &request), MSTR_OK);
    assert_non_null(strstr(scene->peer.head, "GET /session/default/api/v2/things?a=%20b HTTP/1.1\r\n"));
    assert_non_null(strstr(scene->peer.head, "X-MSTR-AuthToken: of-agent\r\n"));
    assert_non_null(strstr(scene->peer.head, "X-Mstr-Timeout: "));
    assert_int_equal(mstr_response_status(scene->response), 200);
    assert_string_equal(mstr_response_header(scene->response, "X-Some"), "y");
    request.method = "POST";
    request.path = "things";
    request.body = "{\"x\":1}";
    request.body_length = 7;
    assert_int_equal(ask(scene, &request), MSTR_OK);
    assert_non_null(strstr(scene->peer.head, "POST /session/default/api/things HTTP/1.1\r\n"));
    assert_string_equal(scene->peer.body, "{\"x\":1}");
    assert_int_equal(mstr_session_logout(scene->session, NULL, scene->error), MSTR_OK);
    assert_non_null(strstr(scene->peer.head, "POST /session/default/api/auth/logout HTTP/1.1\r\n"));
    finish(scene);
}

static void a_refusal_of_the_server_is_told_as_ever(void **state)
{
    (void)state;
    const struct session_script script = {
        .replies = {
            "403 Forbidden\r\nContent-Type: application/json\r\n\r\n{\"code\":\"ERR014\",\"message\":\"no\"}"}};
    struct scene *scene = begin(&script);
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    request.path = "things";
    assert_int_equal(ask(scene, &request), MSTR_E_DENIED);
    assert_string_equal(mstr_error_service_code(scene->error), "ERR014");
    finish(scene);
}

static void what_the_agent_met_is_told_as_ones_own(void **state)
{
    (void)state;
    const struct session_script script = {
        .replies = {"502 Bad Gateway\r\nX-Mstr-Agent: failure\r\nContent-Type: application/json\r\n\r\n"
                    "{\"code\":\"ERR001\",\"message\":\"m\",\"error\":{\"class\":\"tls\",\"message\":\"not trusted\","
                    "\"hint\":\"set ca_file\",\"reference\":\"env:X\"}}"}};
    struct scene *scene = begin(&script);
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    request.path = "things";
    assert_int_equal(ask(scene, &request), MSTR_E_TLS);
    assert_string_equal(mstr_error_message(scene->error), "not trusted");
    assert_string_equal(mstr_error_hint(scene->error), "set ca_file");
    assert_string_equal(mstr_error_reference(scene->error), "env:X");
    assert_int_equal(scene->peer.asked, 1);
    finish(scene);
}

static void a_busy_server_is_no_busy_agent(void **state)
{
    (void)state;
    const struct session_script script = {
        .replies = {"503 Busy\r\nContent-Type: application/json\r\n\r\n{}", "200 OK\r\n\r\n{}"}};
    struct scene *scene = begin(&script);
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    request.method = "POST";
    request.path = "things";
    assert_int_equal(ask(scene, &request), MSTR_E_UNAVAILABLE);
    assert_int_equal(scene->peer.asked, 1);
    finish(scene);
}

static void what_the_agent_has_tried_is_not_tried_again(void **state)
{
    (void)state;
    static const struct {
        const char *reply;
        enum mstr_code code;
    } cases[] = {
        {"503 Busy\r\nX-Mstr-Agent: tried\r\nContent-Type: application/json\r\n\r\n{}", MSTR_E_UNAVAILABLE},
        {"502 Bad Gateway\r\nX-Mstr-Agent: failure\r\n\r\n{\"error\":{\"class\":\"network\",\"message\":\"m\"}}",
         MSTR_E_NETWORK}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct session_script script = {.replies = {cases[i].reply}};
        struct scene *scene = begin(&script);
        mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
        request.path = "things";
        assert_int_equal(ask(scene, &request), cases[i].code);
        assert_int_equal(scene->peer.asked, 1);
        finish(scene);
    }
}

static int64_t read_three(void *into, size_t capacity, void *data)
{
    (void)capacity;
    int *left = data;
    memcpy(into, "abc", 3);
    return *left > 0 ? (*left)--, 3 : 0;
}

static void a_body_of_known_length_keeps_it(void **state)
{
    (void)state;
    int left = 2;
    const struct session_script script = {.replies = {"200 OK\r\n\r\n{}"}};
    struct scene *scene = begin(&script);
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_reader reader = MSTR_READER_INIT;
    reader.read = read_three;
    reader.data = &left;
    reader.length = 6;
    request.method = "POST";
    request.path = "things";
    request.reader = &reader;
    assert_int_equal(ask(scene, &request), MSTR_OK);
    assert_non_null(strstr(scene->peer.head, "Content-Length: 6\r\n"));
    assert_null(strstr(scene->peer.head, "Transfer-Encoding"));
    assert_string_equal(scene->peer.body, "abcabc");
    left = 1; /* less than it said */
    assert_int_equal(ask(scene, &request), MSTR_E_CANCELLED);
    finish(scene);
}

static void a_redirect_at_the_agent_is_followed_there(void **state)
{
    (void)state;
    const struct session_script script = {.replies = {"302 Found\r\nLocation: /session/default/moved?a=b\r\n\r\n",
                                                      "302 Found\r\nLocation: on\r\n\r\n", "200 OK\r\n\r\n{}"}};
    struct scene *scene = begin(&script);
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    request.path = "v2/things";
    assert_int_equal(ask(scene, &request), MSTR_OK);
    assert_string_equal(mstr_response_url(scene->response), "http://127.0.0.1:1/api/on");
    assert_non_null(strstr(scene->peer.head, "GET /session/default/api/on HTTP/1.1\r\n"));
    assert_int_equal(scene->peer.asked, 3);
    finish(scene);
}

static void an_answer_that_is_cut_short_is_asked_for_again_of_the_same_agent(void **state)
{
    (void)state;
    static const struct {
        const char *method;
        enum mstr_code code;
        unsigned asked;
    } cases[] = {{"GET", MSTR_OK, 2}, {"DELETE", MSTR_OK, 2}, {"POST", MSTR_E_NETWORK, 1}};
    const struct session_script script = {.replies = {"200 OK\r\nX-Short: yes\r\n\r\n1234", "200 OK\r\n\r\n{}"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct scene *scene = begin(&script);
        mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
        request.method = cases[i].method;
        request.path = "things";
        assert_int_equal(ask(scene, &request), cases[i].code);
        assert_int_equal(scene->peer.asked, cases[i].asked);
        if (cases[i].code != MSTR_OK) {
            assert_non_null(strstr(mstr_error_message(scene->error), "the answer was cut short"));
            assert_int_equal(ask(scene, &request), MSTR_OK); /* the way is as open as before */
        }
        finish(scene);
    }
}

static int refuse(const void *octets, size_t length, void *data)
{
    (void)octets;
    (void)length;
    (void)data;
    return -1;
}

static void an_answer_that_is_not_taken_is_not_the_agents_fault(void **state)
{
    (void)state;
    const struct session_script script = {.replies = {"200 OK\r\n\r\n0123456789"}};
    struct scene *scene = begin(&script);
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_writer writer = MSTR_WRITER_INIT;
    request.path = "things";
    request.response_limit = 8;
    assert_int_equal(ask(scene, &request), MSTR_E_PROTOCOL);
    assert_string_equal(mstr_error_message(scene->error), "answer of 127.0.0.1 is larger than 8 octets");
    writer.write = refuse;
    request.writer = &writer;
    assert_int_equal(ask(scene, &request), MSTR_E_CANCELLED);
    assert_string_equal(mstr_error_message(scene->error), "answer of 127.0.0.1 refused by its receiver");
    request.writer = NULL;
    request.response_limit = 0;
    assert_int_equal(ask(scene, &request), MSTR_OK); /* which is asked as before */
    assert_int_equal(scene->peer.asked, 3);
    finish(scene);
}

/* Whoever goes on alone meets nobody at the server's port. */
static void what_may_be_executed_twice_goes_on_alone_where_the_agent_breaks_off(void **state)
{
    (void)state;
    const struct session_script script = {.replies = {""}};
    struct scene *scene = begin(&script);
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    request.path = "things";
    assert_int_equal(ask(scene, &request), MSTR_E_NETWORK);
    assert_non_null(strstr(mstr_error_message(scene->error), "the session expired: "));
    assert_int_equal(scene->peer.asked, 2);                 /* once more */
    assert_int_equal(ask(scene, &request), MSTR_E_NETWORK); /* nor does a server see the agent's token */
    assert_non_null(strstr(mstr_error_message(scene->error), "the session expired: "));
    finish(scene);
}

static void whether_another_request_was_executed_is_not_known_then(void **state)
{
    (void)state;
    static const char *const methods[] = {"POST", "PUT", "DELETE", "PATCH"};
    const struct session_script script = {.replies = {""}};
    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        struct scene *scene = begin(&script);
        mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
        request.method = methods[i];
        request.path = "things";
        request.body = i % 2 != 0 ? "{}" : NULL;
        request.body_length = i % 2 != 0 ? 2 : 0;
        assert_int_equal(ask(scene, &request), MSTR_E_NETWORK);
        assert_non_null(strstr(mstr_error_message(scene->error), "whether the request was executed is not known"));
        assert_int_equal(scene->peer.asked, 1);
        finish(scene);
    }
}

static void what_the_agent_never_let_begin_goes_on_alone(void **state)
{
    (void)state;
    static const char *const methods[] = {"POST", "PUT", "DELETE", "PATCH"};
    const struct session_script script = {.deaf = true};
    for (size_t i = 0; i < 2 * COUNT_OF(methods); i++) {
        struct scene *scene = begin(&script);
        mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
        request.method = methods[i / 2];
        request.path = "things";
        request.body = i % 2 != 0 ? "{}" : NULL;
        request.body_length = i % 2 != 0 ? 2 : 0;
        assert_int_equal(ask(scene, &request), MSTR_E_NETWORK);
        assert_non_null(strstr(mstr_error_message(scene->error), "the session expired: "));
        assert_int_equal(scene->peer.asked, 2); /* on a kept connection, and on one that was not */
        finish(scene);
    }
}

static void any_request_goes_on_alone_where_nobody_listens_any_more(void **state)
{
    (void)state;
    const struct session_script script = {.replies = {"200 OK\r\nConnection: close\r\n\r\n{}"}};
    struct scene *scene = begin(&script);
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    request.path = "things";
    assert_int_equal(ask(scene, &request), MSTR_OK);
    unlink(scene->peer.path);
    request.method = "POST";
    request.body = "{}";
    request.body_length = 2;
    assert_int_equal(ask(scene, &request), MSTR_E_NETWORK);
    assert_non_null(strstr(mstr_error_message(scene->error), "the session expired: "));
    finish(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_go_below_the_profiles_name),
        cmocka_unit_test(a_refusal_of_the_server_is_told_as_ever),
        cmocka_unit_test(what_the_agent_met_is_told_as_ones_own),
        cmocka_unit_test(a_busy_server_is_no_busy_agent),
        cmocka_unit_test(what_the_agent_has_tried_is_not_tried_again),
        cmocka_unit_test(a_body_of_known_length_keeps_it),
        cmocka_unit_test(a_redirect_at_the_agent_is_followed_there),
        cmocka_unit_test(an_answer_that_is_cut_short_is_asked_for_again_of_the_same_agent),
        cmocka_unit_test(an_answer_that_is_not_taken_is_not_the_agents_fault),
        cmocka_unit_test(what_may_be_executed_twice_goes_on_alone_where_the_agent_breaks_off),
        cmocka_unit_test(whether_another_request_was_executed_is_not_known_then),
        cmocka_unit_test(what_the_agent_never_let_begin_goes_on_alone),
        cmocka_unit_test(any_request_goes_on_alone_where_nobody_listens_any_more),
    };
    return RUN_TESTS("session/parts/agent_transport");
}
