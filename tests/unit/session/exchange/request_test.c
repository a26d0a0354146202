/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of a program: what it may say, what goes along, and what becomes of the answer. */
#include "session/session.h"

#include "support/mounted.h"

#define PROJECT "11111111111111111111111111111111"

static enum mstr_code send(struct mounted *mounted, const mstr_session_request *request, mstr_response **out)
{
    mstr_response *response = NULL;
    enum mstr_code code = mstr_session_send(mounted->session, request, &response, mounted->error);
    assert_int_equal(code == MSTR_OK, response != NULL);
    if (out != NULL) {
        *out = response;
    } else {
        mstr_response_free(response);
    }
    return code;
}

static mstr_session_request request_of(const char *method, const char *path)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    request.method = method;
    request.path = path;
    return request;
}

static void what_cannot_be_sent_is_refused_with_its_reason(void **state)
{
    static const struct mstr_header own = {"Host", "other"};
    static const struct mstr_header nameless = {NULL, "x"};
    static const struct mstr_header cookie = {"a b", "c"};
    static const struct mstr_header many[51] = {{NULL, NULL}};
    static const mstr_network blank = {0};
    static const struct {
        const char *method;
        const char *path;
        const struct mstr_header *headers;
        size_t header_count;
        const struct mstr_header *cookies;
        const mstr_network *network;
        const char *part;
    } cases[] = {
        {"TRACE", "x", NULL, 0, NULL, NULL, "one of the methods GET"},
        {"get", "x", NULL, 0, NULL, NULL, "one of the methods GET"},
        {"GET", NULL, NULL, 0, NULL, NULL, "needs a path"},
        {"GET", "x", &own, 1, NULL, NULL, "the header Host is malformed or the session's own"},
        {"GET", "x", &nameless, 1, NULL, NULL, "the header without a name"},
        {"GET", "x", many, 51, NULL, NULL, "more than 50 headers"},
        {"GET", "x", NULL, 0, &cookie, NULL, "cookie 1 of the request is malformed"},
        {"GET", "x", NULL, 0, NULL, &blank, "were not initialised"},
        {"GET", "../x", NULL, 0, NULL, NULL, ".."},
    };
    struct mounted *mounted = mounted_open(NULL, 0);
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_session_request request = request_of(cases[i].method, cases[i].path);
        request.headers = cases[i].headers;
        request.header_count = cases[i].header_count;
        request.cookies = cases[i].cookies;
        request.cookie_count = cases[i].cookies != NULL ? 1 : 0;
        request.network = cases[i].network;

        assert_int_equal(send(mounted, &request, NULL), MSTR_E_USAGE);

        assert_told(mounted, cases[i].part);
    }
    assert_int_equal(mounted->sent, 0);
    mounted_free(mounted);
}

static void a_request_carries_its_project_or_the_session_s(void **state)
{
    static const struct {
        const char *session;
        const char *request;
        uint32_t flags;
        const char *header; /* NULL = none */
    } cases[] = {
        {NULL, NULL, 0, NULL},
        {PROJECT, NULL, 0, PROJECT},
        {PROJECT, "", 0, NULL},
        {PROJECT, "22222222222222222222222222222222", 0, "22222222222222222222222222222222"},
        {PROJECT, NULL, MSTR_REQUEST_NO_AUTH, NULL},
        {NULL, PROJECT, MSTR_REQUEST_NO_AUTH, PROJECT},
    };
    static const struct route routes[] = {{"GET x", 200, NULL, NULL, 0, MSTR_OK}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
        options.flags = MSTR_SESSION_NO_PROFILE;
        options.project = cases[i].session;
        struct mounted *mounted = mounted_new_with(&options, routes, 1);
        mounted_done(mounted, mstr_session_open(mounted->session, NULL, mounted->error));
        mstr_session_request request = request_of("GET", "x");
        request.project = cases[i].request;
        request.flags = cases[i].flags;

        mounted_done(mounted, send(mounted, &request, NULL));

        assert_int_equal(mounted_saw(mounted, "X-MSTR-ProjectID: "), cases[i].header != NULL);
        assert_true(cases[i].header == NULL || mounted_saw(mounted, cases[i].header));
        assert_int_equal(mounted_saw(mounted, "X-MSTR-AuthToken"), cases[i].flags == 0);
        mounted_free(mounted);
    }
}

static void a_request_needs_an_open_session_unless_it_says_otherwise(void **state)
{
    static const struct route routes[] = {{"GET x", 200, NULL, NULL, 0, MSTR_OK}};
    struct mounted *mounted = mounted_new(routes, 1);
    mstr_session_request request = request_of("GET", "x");
    (void)state;

    assert_int_equal(send(mounted, &request, NULL), MSTR_E_SESSION);
    assert_string_equal(mstr_error_hint(mounted->error), "open the session first");
    request.flags = MSTR_REQUEST_NO_AUTH;
    mounted_done(mounted, send(mounted, &request, NULL));

    assert_string_equal(mounted->log, "GET x\n");
    mounted_free(mounted);
}

static void a_refusal_is_an_error_that_names_the_request_or_a_response_where_asked_for(void **state)
{
    static const struct route routes[] = {
        {"POST x", 404, "{\"code\":\"ERR004\",\"message\":\"gone\"}", NULL, 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, 1);
    mstr_session_request request = request_of("POST", "x?secret=1");
    mstr_response *response = NULL;
    (void)state;

    assert_int_equal(send(mounted, &request, NULL), MSTR_E_NOT_FOUND);
    assert_told(mounted, "POST x: ");
    assert_told(mounted, "gone");
    assert_null(strstr(mstr_error_message(mounted->error), "secret"));
    request.flags = MSTR_REQUEST_KEEP_ERRORS;
    mounted_done(mounted, send(mounted, &request, &response));

    assert_int_equal(mstr_response_status(response), 404);
    mstr_response_free(response);
    mounted_free(mounted);
}

static void a_page_of_html_at_the_end_of_a_redirect_is_no_answer(void **state)
{
    static const struct route routes[] = {
        {"GET x", 302, NULL, "Location: sso?token=1", 0, MSTR_OK},
        {"GET sso", 200, "<html>", "Content-Type: text/HTML; charset=utf-8", 0, MSTR_OK},
        {"GET page", 200, "<html>", "Content-Type: text/html", 0, MSTR_OK},
    };
    struct mounted *mounted = mounted_open(routes, 3);
    mstr_session_request request = request_of("GET", "x");
    (void)state;

    assert_int_equal(send(mounted, &request, NULL), MSTR_E_AUTHENTICATION);
    assert_told(mounted, "redirects to the page " MOUNTED_BASE "sso in place of an answer");
    request.path = "page"; /* asked for as such */
    mounted_done(mounted, send(mounted, &request, NULL));
    request.path = "x";
    request.flags = MSTR_REQUEST_KEEP_ERRORS;
    mounted_done(mounted, send(mounted, &request, NULL));

    mounted_free(mounted);
}

static int take(const void *octets, size_t length, void *data)
{
    strncat(data, octets, length);
    return 0;
}

static void bodies_go_out_and_come_in_as_the_request_says(void **state)
{
    static const struct route routes[] = {{"PUT x", 200, "streamed", NULL, 0, MSTR_OK}};
    static const struct mstr_header form[] = {{"a", "1 2"}, {"b", "&"}};
    struct mounted *mounted = mounted_open(routes, 1);
    mstr_session_request request = request_of("PUT", "x");
    mstr_writer writer = MSTR_WRITER_INIT;
    mstr_response *response = NULL;
    char got[32] = "";
    (void)state;
    request.form = form;
    request.form_count = 2;
    request.writer = &writer;
    writer.write = take;
    writer.data = got;

    mounted_done(mounted, send(mounted, &request, &response));

    assert_string_equal(mounted->body, "a=1%202&b=%26");
    assert_true(mounted_saw(mounted, "Content-Type: application/x-www-form-urlencoded\n"));
    assert_string_equal(got, "streamed");
    assert_string_equal(mstr_response_body(response, NULL), "");
    mstr_response_free(response);
    mounted_free(mounted);
}

/* As where base_url is a reference, whose value changed. */
static void move_base(struct mounted *mounted)
{
    mstr_credential_release(mounted->session->credentials[MSTR_CREDENTIAL_BASE_URL]);
    mounted->session->credentials[MSTR_CREDENTIAL_BASE_URL] = mstr_credential_literal(MOUNTED_BASE "new/");
}

static void a_request_that_is_repeated_after_a_renewal_goes_to_the_base_of_that(void **state)
{
    static const struct route routes[] = {{"GET ", 401, MOUNTED_EXPIRED, NULL, 1, MSTR_OK},
                                          {"POST new/auth/login", 204, NULL, "X-MSTR-AuthToken: t2", 0, MSTR_OK},
                                          {"GET ", 200, "[]", NULL, 0, MSTR_OK}};
    static const struct {
        const char *path;
        const char *log;
    } cases[] = {
        {"x?a=1", "GET x?a=1\nPOST new/auth/login\nGET new/x?a=1\n"},
        {MOUNTED_BASE "x", "GET x\nPOST new/auth/login\nGET x\n"}, /* as the caller gave it */
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mounted *mounted = mounted_open(routes, COUNT_OF(routes));
        const mstr_session_request request = request_of("GET", cases[i].path);
        move_base(mounted);

        mounted_done(mounted, send(mounted, &request, NULL));

        assert_string_equal(mounted->log, cases[i].log);
        mounted_free(mounted);
    }
}

static void a_list_of_projects_is_asked_for_at_the_base_of_a_renewal_too(void **state)
{
    static const struct route routes[] = {
        {"GET projects", 401, MOUNTED_EXPIRED, NULL, 1, MSTR_OK},
        {"POST new/auth/login", 204, NULL, "X-MSTR-AuthToken: t2", 0, MSTR_OK},
        {"GET new/", 200, "[{\"id\":\"" PROJECT "\",\"name\":\"P\"}]", NULL, 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, COUNT_OF(routes));
    mstr_session_request request = request_of("GET", "x");
    (void)state;
    request.project = "P";
    move_base(mounted);

    mounted_done(mounted, send(mounted, &request, NULL));

    assert_string_equal(mounted->log, "GET projects\nPOST new/auth/login\nGET new/projects\nGET new/x\n");
    mounted_free(mounted);
}

static void an_older_program_s_request_has_defaults_for_what_it_does_not_know(void **state)
{
    static const struct route routes[] = {{"GET x", 200, NULL, NULL, 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, 1);
    mstr_session_request request;
    (void)state;
    memset(&request, 0x5A, sizeof(request)); /* what lies behind its end */
    const mstr_session_request known = {.size = offsetof(mstr_session_request, query), .path = "x"};
    memcpy(&request, &known, known.size);

    mounted_done(mounted, send(mounted, &request, NULL));

    assert_string_equal(mounted->log, "GET x\n");
    mounted_free(mounted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_sent_is_refused_with_its_reason),
        cmocka_unit_test(a_request_carries_its_project_or_the_session_s),
        cmocka_unit_test(a_request_needs_an_open_session_unless_it_says_otherwise),
        cmocka_unit_test(a_refusal_is_an_error_that_names_the_request_or_a_response_where_asked_for),
        cmocka_unit_test(a_page_of_html_at_the_end_of_a_redirect_is_no_answer),
        cmocka_unit_test(bodies_go_out_and_come_in_as_the_request_says),
        cmocka_unit_test(a_request_that_is_repeated_after_a_renewal_goes_to_the_base_of_that),
        cmocka_unit_test(a_list_of_projects_is_asked_for_at_the_base_of_a_renewal_too),
        cmocka_unit_test(an_older_program_s_request_has_defaults_for_what_it_does_not_know),
    };
    return RUN_TESTS("session/exchange/request");
}
