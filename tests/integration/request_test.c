/* SPDX-License-Identifier: Apache-2.0 */
/* Requests as programs make them, over real sockets: methods, bodies, what goes along, redirects, other origins. */
#include "support/library.h"

#include <mstr/json-c.h>

#include <fcntl.h>

/* Reads "abcdef…" in pieces of three. */
struct alphabet {
    size_t at;
    size_t rewinds;
    size_t length;
};

static int64_t spell(void *into, size_t capacity, void *data)
{
    struct alphabet *alphabet = data;
    size_t left = alphabet->length - alphabet->at;
    size_t count = left < 3 ? left : 3;
    assert_true(capacity >= count);
    for (size_t i = 0; i < count; i++) {
        ((char *)into)[i] = (char)('a' + alphabet->at++ % 26);
    }
    return (int64_t)count;
}

static int spell_again(void *data)
{
    struct alphabet *alphabet = data;
    alphabet->at = 0;
    alphabet->rewinds++;
    return 0;
}

static mstr_reader alphabet_reader(struct alphabet *alphabet, bool can_rewind, int64_t length)
{
    mstr_reader reader = MSTR_READER_INIT;
    reader.read = spell;
    reader.rewind = can_rewind ? spell_again : NULL;
    reader.data = alphabet;
    reader.length = length;
    return reader;
}

static mstr_session_request request_of(const char *method, const char *path)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    request.method = method;
    request.path = path;
    return request;
}

static void each_verb_sends_its_method(void **state)
{
    (void)state;
    struct library *library = library_open(NULL, NULL);
    mstr_session *session = library->session;
    static const struct {
        const char *line;
        enum mstr_code (*plain)(mstr_session *, const char *, mstr_response **, mstr_error *);
        enum mstr_code (*with_body)(mstr_session *, const char *, const char *, mstr_response **, mstr_error *);
    } verbs[] = {
        {"GET /api/x HTTP/1.1\r\n", mstr_session_get, NULL},
        {"HEAD /api/x HTTP/1.1\r\n", mstr_session_head, NULL},
        {"OPTIONS /api/x HTTP/1.1\r\n", mstr_session_options_of, NULL},
        {"DELETE /api/x HTTP/1.1\r\n", mstr_session_delete, NULL},
        {"POST /api/x HTTP/1.1\r\n", NULL, mstr_session_post},
        {"PUT /api/x HTTP/1.1\r\n", NULL, mstr_session_put},
        {"PATCH /api/x HTTP/1.1\r\n", NULL, mstr_session_patch},
    };
    for (size_t i = 0; i < COUNT_OF(verbs); i++) {
        mstr_response *response = NULL;
        enum mstr_code code = verbs[i].plain != NULL
                                  ? verbs[i].plain(session, "x", &response, library->error)
                                  : verbs[i].with_body(session, "x", "{\"a\": 1}", &response, library->error);
        assert_int_equal(code, MSTR_OK);
        assert_int_equal(strncmp(library->head, verbs[i].line, strlen(verbs[i].line)), 0);
        assert_true(library_saw(library, "X-MSTR-AuthToken: token-1\r\n"));
        assert_string_equal(library->body, verbs[i].with_body != NULL ? "{\"a\": 1}" : "");
        assert_int_equal(library_saw(library, "Content-Type: application/json\r\n"), verbs[i].with_body != NULL);
        mstr_response_free(response);
    }
    library_stop(library);
}

static void a_post_without_a_body_says_so(void **state)
{
    (void)state;
    struct library *library = library_open(NULL, NULL);
    const mstr_session_request request = request_of("POST", "x");
    library_send(library, &request);
    assert_true(library_saw(library, "Content-Length: 0\r\n"));
    assert_false(library_saw(library, "Content-Type"));
    library_stop(library);
}

static void each_kind_of_body_arrives_as_it_was_given(void **state)
{
    (void)state;
    struct library *library = library_open(NULL, NULL);
    struct alphabet alphabet = {0, 0, 10};
    char *path = test_file("file\0content", 12);
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    static const struct mstr_header form[] = {{"name", "a b&c"}, {"empty", ""}};
    mstr_reader known = alphabet_reader(&alphabet, true, 10);
    mstr_reader unknown = alphabet_reader(&alphabet, true, -1);
    mstr_reader rest = MSTR_READER_DESCRIPTOR(descriptor);

    mstr_session_request request = request_of("POST", "x");
    request.body = "raw\0octets";
    request.body_length = 10;
    request.content_type = "text/plain";
    library_send(library, &request);
    assert_int_equal(library->body_length, 10);
    assert_memory_equal(library->body, "raw\0octets", 10);
    assert_true(library_saw(library, "Content-Type: text/plain\r\n"));

    request = request_of("POST", "x");
    request.form = form;
    request.form_count = 2;
    library_send(library, &request);
    assert_string_equal(library->body, "name=a%20b%26c&empty=");
    assert_true(library_saw(library, "Content-Type: application/x-www-form-urlencoded\r\n"));

    request = request_of("PUT", "x");
    request.file = path;
    library_send(library, &request);
    assert_int_equal(library->body_length, 12);
    assert_memory_equal(library->body, "file\0content", 12);
    assert_true(library_saw(library, "Content-Length: 12\r\n"));

    assert_int_equal(lseek(descriptor, 5, SEEK_SET), 5);
    request = request_of("PUT", "x");
    request.reader = &rest;
    library_send(library, &request);
    assert_string_equal(library->body, "content");

    request.reader = &known;
    library_send(library, &request);
    assert_string_equal(library->body, "abcdefghij");
    assert_true(library_saw(library, "Content-Length: 10\r\n"));
    assert_true(library_saw(library, "Content-Type: application/octet-stream\r\n"));

    alphabet.at = 0;
    request.reader = &unknown;
    library_send(library, &request);
    assert_string_equal(library->body, "3\r\nabc\r\n3\r\ndef\r\n3\r\nghi\r\n1\r\nj\r\n0\r\n\r\n");
    assert_true(library_saw(library, "Transfer-Encoding: chunked\r\n"));

    request.file = path;
    assert_int_equal(library_fail(library, &request), MSTR_E_USAGE); /* two bodies */
    close(descriptor);
    unlink(path);
    request.reader = NULL;
    assert_int_equal(library_fail(library, &request), MSTR_E_NOT_FOUND);
    free(path);
    library_stop(library);
}

static void a_multipart_body_carries_fields_and_streams(void **state)
{
    (void)state;
    struct library *library = library_open(NULL, NULL);
    struct alphabet alphabet = {0, 0, 5};
    const mstr_reader reader = alphabet_reader(&alphabet, true, 5);
    mstr_part parts[3] = {MSTR_PART_INIT, MSTR_PART_INIT, MSTR_PART_INIT};
    parts[0].name = "note";
    parts[0].octets = "hello";
    parts[0].length = 5;
    parts[1].name = "data";
    parts[1].filename = "a\"b.csv";
    parts[1].content_type = "text/csv";
    parts[1].reader = &reader;
    parts[2].name = "empty";
    mstr_session_request request = request_of("POST", "x");
    request.parts = parts;
    request.part_count = 3;

    library_send(library, &request);

    char boundary[64];
    char expected[1024];
    assert_int_equal(sscanf(strstr(library->head, "boundary="), "boundary=%60s", boundary), 1);
    snprintf(expected, sizeof(expected),
             "--%s\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n"
             "--%s\r\nContent-Disposition: form-data; name=\"data\"; filename=\"a%%22b.csv\"\r\n"
             "Content-Type: text/csv\r\n\r\nabcde\r\n"
             "--%s\r\nContent-Disposition: form-data; name=\"empty\"\r\n\r\n\r\n--%s--\r\n",
             boundary, boundary, boundary, boundary);
    assert_string_equal(library->body, expected);
    assert_true(library_saw(library, "Content-Type: multipart/form-data; boundary="));

    parts[1].content_type = "text/csv\r\nX-Evil: 1";
    assert_int_equal(library_fail(library, &request), MSTR_E_USAGE);
    parts[1].content_type = NULL;
    parts[1].name = "";
    assert_int_equal(library_fail(library, &request), MSTR_E_USAGE);
    library_stop(library);
}

static void a_session_has_headers_parameters_and_cookies_of_its_own(void **state)
{
    (void)state;
    struct library *library = library_open(NULL, NULL);
    static const struct mstr_header headers[] = {{"x-team", "blue"}, {"accept", "text/csv"}};
    static const struct mstr_header query[] = {{"limit", "5"}};
    static const struct mstr_header cookies[] = {{"once", "1"}};
    assert_int_equal(mstr_session_set_header(library->session, "X-Team", "red"), MSTR_OK);
    assert_int_equal(mstr_session_set_header(library->session, "X-Gone", "1"), MSTR_OK);
    assert_int_equal(mstr_session_set_header(library->session, "x-gone", NULL), MSTR_OK);
    assert_int_equal(mstr_session_set_query(library->session, "fields", "id,name"), MSTR_OK);
    assert_int_equal(mstr_session_set_cookie(library->session, "route", "node2"), MSTR_OK);
    assert_int_equal(mstr_session_set_basic_auth(library->session, "gate", "keeper"), MSTR_OK);

    mstr_session_request request = request_of("GET", "x?a=1");
    library_send(library, &request);
    assert_int_equal(strncmp(library->head, "GET /api/x?a=1&fields=id%2Cname HTTP", 36), 0);
    assert_true(library_saw(library, "X-Team: red\r\n"));
    assert_true(library_saw(library, "Authorization: Basic Z2F0ZTprZWVwZXI=\r\n"));
    assert_true(library_saw(library, "Cookie: JSESSIONID=s1; route=node2\r\n"));
    assert_true(library_saw(library, "Accept: application/json\r\n"));
    assert_false(library_saw(library, "X-Gone"));

    request.headers = headers;
    request.header_count = 2;
    request.query = query;
    request.query_count = 1;
    request.cookies = cookies;
    request.cookie_count = 1;
    assert_int_equal(mstr_session_set_basic_auth(library->session, NULL, NULL), MSTR_OK);
    library_send(library, &request);
    assert_int_equal(strncmp(library->head, "GET /api/x?a=1&fields=id%2Cname&limit=5 HTTP", 44), 0);
    assert_true(library_saw(library, "x-team: blue\r\n"));
    assert_true(library_saw(library, "accept: text/csv\r\n"));
    assert_true(library_saw(library, "Cookie: JSESSIONID=s1; route=node2; once=1\r\n"));
    assert_false(library_saw(library, "X-Team: red"));
    assert_false(library_saw(library, "Authorization"));
    assert_false(library_saw(library, "application/json"));
    library_stop(library);
}

static void a_login_carries_what_a_gateway_before_the_server_wants(void **state)
{
    (void)state;
    struct library *library = library_start(NULL, NULL, NULL, NULL);
    assert_int_equal(mstr_session_set_header(library->session, "X-Gate", "red"), MSTR_OK);
    assert_int_equal(mstr_session_set_cookie(library->session, "route", "node2"), MSTR_OK);
    assert_int_equal(mstr_session_set_basic_auth(library->session, "gate", "keeper"), MSTR_OK);
    assert_int_equal(mstr_session_set_query(library->session, "fields", "id"), MSTR_OK);

    assert_int_equal(mstr_session_open(library->session, NULL, library->error), MSTR_OK);

    assert_int_equal(strncmp(library->login, "POST /api/auth/login HTTP", 25), 0);
    assert_non_null(strstr(library->login, "X-Gate: red\r\n"));
    assert_non_null(strstr(library->login, "Cookie: route=node2\r\n"));
    assert_non_null(strstr(library->login, "Authorization: Basic Z2F0ZTprZWVwZXI=\r\n"));
    library_stop(library);
}

static void what_belongs_to_the_library_cannot_be_set(void **state)
{
    (void)state;
    struct library *library = library_open(NULL, NULL);
    static const struct mstr_header bad[] = {
        {"X-MSTR-AuthToken", "forged"},
        {"cookie", "a=b"},
        {"Host", "evil"},
        {"Transfer-Encoding", "x"},
        {"Broken Name", "x"},
        {"X-Split", "a\r\nX-Evil: 1"},
        {"", "x"},
        {"X-MSTR-ProjectID", "x"},
    };
    mstr_session_request request = request_of("GET", "x");
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        request.headers = &bad[i];
        request.header_count = 1;
        assert_int_equal(library_fail(library, &request), MSTR_E_USAGE);
        assert_int_equal(mstr_session_set_header(library->session, bad[i].name, bad[i].value), MSTR_E_USAGE);
    }
    static const struct mstr_header cookie = {"a", "b\r\nX-Evil: 1"};
    request = request_of("GET", "x");
    request.cookies = &cookie;
    request.cookie_count = 1;
    assert_int_equal(library_fail(library, &request), MSTR_E_USAGE);
    assert_int_equal(mstr_session_set_cookie(library->session, "a=b", "c"), MSTR_E_USAGE);
    assert_int_equal(mstr_session_set_basic_auth(library->session, "a:b", "c"), MSTR_E_USAGE);
    request = request_of("TRACE", "x");
    assert_int_equal(library_fail(library, &request), MSTR_E_USAGE);
    assert_int_equal(library->requests, 0);
    library_stop(library);
}

static bool answer_json(struct tiny_connection *c, const struct tiny_request *request, void *data)
{
    (void)request;
    (void)data;
    return tiny_text(c, "HTTP/1.1 200 OK\r\nContent-Type: application/json;charset=UTF-8\r\nX-MSTR-IStatus: ok\r\n"
                        "Content-Length: 49\r\n\r\n{\"projects\":[{\"name\":\"A/B\",\"n\":7}],\"total\":12345}");
}

static void an_answer_can_be_read_as_json(void **state)
{
    (void)state;
    struct library *library = library_open(answer_json, NULL);
    mstr_response *response = NULL;
    int64_t number = 0;

    assert_int_equal(mstr_session_get(library->session, "x", &response, library->error), MSTR_OK);

    assert_string_equal(mstr_response_text(response, "/projects/0/name"), "A/B");
    assert_true(mstr_response_number(response, "/projects/0/n", &number));
    assert_int_equal(number, 7);
    assert_null(mstr_response_text(response, "/projects/0/n"));
    assert_null(mstr_response_text(response, "/projects/1/name"));
    assert_false(mstr_response_number(response, "/projects", &number));
    assert_ptr_equal(mstr_response_json(response), mstr_response_json(response));
    assert_string_equal(mstr_response_header(response, "x-mstr-istatus"), "ok");
    assert_string_equal(mstr_response_url(response), tiny_server_url(library->server, "/api/x"));
    assert_true(mstr_response_elapsed(response) >= 0);
    mstr_response_free(response);
    library_stop(library);
}

/* {"inflated":"aaa…"} with a thousand of them. */
static const char compressed[] =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\xca\xcc\x4b\xcb\x49\x2c\x49\x4d\x51\xb2\x52\x4a"
    "\x1c\x05\xa3\x60\x14\x0c\x7b\xa0\x54\x0b\x00\x92\xe4\x56\xb4\xf7\x03\x00\x00";

static bool answer_compressed(struct tiny_connection *c, const struct tiny_request *request, void *data)
{
    char head[128];
    (void)request;
    (void)data;
    snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n",
             sizeof(compressed) - 1);
    return tiny_text(c, head) && tiny_write(c, compressed, sizeof(compressed) - 1);
}

static void a_compressed_answer_is_inflated_within_its_bound(void **state)
{
    (void)state;
    struct library *library = library_open(answer_compressed, NULL);
    mstr_response *response = NULL;
    mstr_session_request request = request_of("GET", "x");
    assert_int_equal(mstr_session_send(library->session, &request, &response, library->error), MSTR_OK);
    assert_int_equal(strlen(mstr_response_text(response, "/inflated")), 1000);
    assert_true(library_saw(library, "gzip"));
    mstr_response_free(response);
    request.response_limit = 500;
    assert_int_equal(library_fail(library, &request), MSTR_E_PROTOCOL);
    library_stop(library);
}

static void a_url_is_told_without_sending(void **state)
{
    (void)state;
    struct library *library = library_open(NULL, NULL);
    static const struct mstr_header query = {"q", "a b"};
    char url[64];
    assert_int_equal(mstr_session_url(library->session, "/v2/reports", &query, 1, url, sizeof(url), library->error),
                     MSTR_OK);
    assert_string_equal(url, tiny_server_url(library->server, "/api/v2/reports?q=a%20b"));
    assert_int_equal(mstr_session_url(library->session, "x", NULL, 0, url, 10, library->error), MSTR_E_USAGE);
    assert_int_equal(mstr_session_url(library->session, "https://other/x", NULL, 0, url, sizeof(url), library->error),
                     MSTR_E_USAGE);
    assert_int_equal(library->requests, 0);
    library_stop(library);
}

struct redirect {
    int status;
    const char *location;
};

/* Redirects /api/from, answers the rest. */
static bool redirect(struct tiny_connection *c, const struct tiny_request *request, void *data)
{
    const struct redirect *to = data;
    char text[512];
    bool here = strstr(request->head, " /api/from ") != NULL;
    snprintf(text, sizeof(text), "HTTP/1.1 %d X\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n", to->status,
             to->location);
    return tiny_text(c, here ? text : "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
}

static void a_redirect_keeps_or_changes_the_method_by_its_status(void **state)
{
    static const struct {
        const char *method;
        struct redirect to;
        const char *line; /* of the second request */
        const char *body;
    } cases[] = {
        {"POST", {301, "/api/to"}, "GET /api/to HTTP", ""},
        {"POST", {302, "/api/to"}, "GET /api/to HTTP", ""},
        {"PUT", {303, "/api/to"}, "GET /api/to HTTP", ""},
        {"PUT", {302, "/api/to"}, "PUT /api/to HTTP", "body"},
        {"POST", {307, "/api/to"}, "POST /api/to HTTP", "body"},
        {"POST", {308, "to?a=1"}, "POST /api/to?a=1 HTTP", "body"},
        {"HEAD", {303, "../to"}, "HEAD /api/../to HTTP", ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct redirect to = cases[i].to;
        struct library *library = library_open(redirect, &to);
        mstr_response *response = NULL;
        mstr_session_request request = request_of(cases[i].method, "from");
        request.body = strcmp(cases[i].method, "HEAD") == 0 ? NULL : "body";
        request.body_length = 4;
        assert_int_equal(mstr_session_send(library->session, &request, &response, library->error), MSTR_OK);
        assert_int_equal(strncmp(library->head, cases[i].line, strlen(cases[i].line)), 0);
        assert_string_equal(library->body, cases[i].body);
        assert_non_null(strstr(mstr_response_url(response), "/to"));
        assert_int_equal(library_saw(library, "Content-Type"), *cases[i].body != '\0');
        mstr_response_free(response);
        library_stop(library);
    }
}

static void a_redirect_sends_a_streamed_body_again_if_it_can(void **state)
{
    (void)state;
    struct redirect to = {307, "/api/to"};
    struct library *library = library_open(redirect, &to);
    struct alphabet alphabet = {0, 0, 4};
    mstr_reader reader = alphabet_reader(&alphabet, true, 4);
    mstr_session_request request = request_of("PUT", "from");
    request.reader = &reader;
    library_send(library, &request);
    assert_string_equal(library->body, "abcd");
    assert_int_equal(alphabet.rewinds, 1);

    alphabet.at = 0;
    reader.rewind = NULL;
    assert_int_equal(library_fail(library, &request), MSTR_E_PROTOCOL);
    library_stop(library);
}

static void redirects_end_at_a_bound_and_can_be_kept(void **state)
{
    (void)state;
    struct redirect to = {302, "/api/from"};
    struct library *library = library_open(redirect, &to);
    mstr_network network = MSTR_NETWORK_INIT;
    mstr_session_request request = request_of("GET", "from");
    assert_int_equal(library_fail(library, &request), MSTR_E_PROTOCOL);
    assert_int_equal(library->requests, 6);
    network.max_redirects = 2;
    request.network = &network;
    assert_int_equal(library_fail(library, &request), MSTR_E_PROTOCOL);
    assert_int_equal(library->requests, 9);
    request.flags = MSTR_REQUEST_KEEP_REDIRECTS;
    assert_int_equal(library_send(library, &request), 302);
    assert_int_equal(library->requests, 10);
    library_stop(library);
}

static bool redirect_to_page(struct tiny_connection *c, const struct tiny_request *request, void *data)
{
    (void)data;
    return tiny_text(
        c, strstr(request->head, "GET /login?") != NULL
               ? "HTTP/1.1 200 OK\r\nContent-Type: Text/HTML;charset=utf-8\r\nContent-Length: 6\r\n\r\n<html>"
               : "HTTP/1.1 302 Found\r\nLocation: /login?from=x\r\nContent-Length: 0\r\n\r\n");
}

static void a_redirect_to_a_page_is_no_answer(void **state)
{
    (void)state;
    struct library *library = library_open(redirect_to_page, NULL);
    mstr_session_request request = request_of("GET", "projects");
    assert_int_equal(library_fail(library, &request), MSTR_E_AUTHENTICATION);
    assert_non_null(strstr(mstr_error_message(library->error), "/login in place of an answer"));
    request.flags = MSTR_REQUEST_KEEP_ERRORS;
    assert_int_equal(library_send(library, &request), 200);
    library_stop(library);
}

static void another_origin_gets_nothing_of_the_session(void **state)
{
    (void)state;
    struct library *library = library_open(NULL, NULL);
    struct library *other = library_open(NULL, NULL);
    char url[128];
    snprintf(url, sizeof(url), "%s", tiny_server_url(other->server, "/api/x?a=1"));
    assert_int_equal(mstr_session_set_header(library->session, "X-Gate", "secret"), MSTR_OK);
    assert_int_equal(mstr_session_set_query(library->session, "fields", "id"), MSTR_OK);
    mstr_session_request request = request_of("GET", url);
    request.project = "B7CA92F04B9FAE8D941C3E9B7E0CD754";

    assert_int_equal(library_fail(library, &request), MSTR_E_USAGE);
    assert_int_equal(other->requests, 0);
    request.flags = MSTR_REQUEST_OTHER_ORIGIN;
    library_send(library, &request);

    assert_int_equal(strncmp(other->head, "GET /api/x?a=1 HTTP", 19), 0);
    assert_false(library_saw(other, "token-1"));
    assert_false(library_saw(other, "X-MSTR"));
    assert_false(library_saw(other, "Cookie"));
    assert_false(library_saw(other, "X-Gate"));
    library_stop(other);
    library_stop(library);
}

static void a_project_can_be_named_without_authentication(void **state)
{
    (void)state;
    struct library *library = library_open(NULL, NULL);
    mstr_session_request request = request_of("GET", "status");
    request.flags = MSTR_REQUEST_NO_AUTH;
    request.project = "B7CA92F04B9FAE8D941C3E9B7E0CD754";
    library_send(library, &request);
    assert_true(library_saw(library, "X-MSTR-ProjectID: B7CA92F04B9FAE8D941C3E9B7E0CD754\r\n"));
    assert_false(library_saw(library, "X-MSTR-AuthToken"));
    library_stop(library);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_verb_sends_its_method),
        cmocka_unit_test(a_post_without_a_body_says_so),
        cmocka_unit_test(each_kind_of_body_arrives_as_it_was_given),
        cmocka_unit_test(a_multipart_body_carries_fields_and_streams),
        cmocka_unit_test(a_session_has_headers_parameters_and_cookies_of_its_own),
        cmocka_unit_test(a_login_carries_what_a_gateway_before_the_server_wants),
        cmocka_unit_test(what_belongs_to_the_library_cannot_be_set),
        cmocka_unit_test(an_answer_can_be_read_as_json),
        cmocka_unit_test(a_compressed_answer_is_inflated_within_its_bound),
        cmocka_unit_test(a_url_is_told_without_sending),
        cmocka_unit_test(a_redirect_keeps_or_changes_the_method_by_its_status),
        cmocka_unit_test(a_redirect_sends_a_streamed_body_again_if_it_can),
        cmocka_unit_test(redirects_end_at_a_bound_and_can_be_kept),
        cmocka_unit_test(a_redirect_to_a_page_is_no_answer),
        cmocka_unit_test(another_origin_gets_nothing_of_the_session),
        cmocka_unit_test(a_project_can_be_named_without_authentication),
    };
    return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
