/* SPDX-License-Identifier: Apache-2.0 */
/* core/http/receive.c: over real connections, and piece by piece */
#include "curl_double.h"
#include "http_fixture.h"

#include "http/transfer.h"

static void headers_are_found_without_regard_to_case(void **state)
{
    (void)state;
    static char text[] =
        "HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\nHTTP/1.1 404 Not Found\r\nX-A:  one \r\nx-a: two\r\n"
        "Folded: a\r\n  b\r\nContent-Length: 2\r\n\r\nno";
    struct tiny_server *server = tiny_server_start(answer, text, NULL);
    struct fixture f = fixture_new(NULL);
    const char *name = NULL;
    const char *value = NULL;
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_OK);
    assert_int_equal(http_answer(f.response)->status, 404);
    assert_string_equal(http_answer(f.response)->body, "no");
    assert_string_equal(http_header(f.response, "X-a"), "one");
    assert_string_equal(http_header(f.response, "folded"), "a b");
    assert_null(http_header(f.response, "X-Early"));
    assert_true(http_header_at(f.response, 1, &name, &value));
    assert_string_equal(value, "two");
    assert_false(http_header_at(f.response, 4, &name, &value));
    fixture_free(&f);
    tiny_server_stop(server);
}

static void redirects_are_answers(void **state)
{
    (void)state;
    static char text[] = "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n";
    struct tiny_server *server = tiny_server_start(answer, text, NULL);
    struct fixture f = fixture_new(NULL);
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_OK);
    assert_int_equal(http_answer(f.response)->status, 302);
    assert_int_equal(tiny_server_requests(server), 1);
    fixture_free(&f);
    tiny_server_stop(server);
}

static bool many_headers(struct tiny_connection *c, const struct tiny_request *request, void *data)
{
    (void)request;
    tiny_text(c, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < *(int *)data; i++) {
        tiny_text(c, "X-Same: value\r\n");
    }
    tiny_text(c, "Content-Length: 0\r\n\r\n");
    return false;
}

static void header_sections_are_bounded(void **state)
{
    (void)state;
    int lines = 255;
    struct tiny_server *server = tiny_server_start(many_headers, &lines, NULL);
    struct fixture f = fixture_new(NULL);
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_OK);
    lines = 256;
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_E_PROTOCOL);
    fixture_free(&f);
    tiny_server_stop(server);
}

static void bodies_are_bounded(void **state)
{
    (void)state;
    static char text[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    struct tiny_server *server = tiny_server_start(answer, text, NULL);
    struct fixture f = fixture_new(NULL);
    f.request.response_limit = 5;
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_OK);
    f.request.response_limit = 4;
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_E_PROTOCOL);
    assert_non_null(strstr(mstr_error_message(f.error), "larger than 4 octets"));
    fixture_free(&f);
    tiny_server_stop(server);
}

/* A transfer that takes an answer from the test. */
struct taking {
    struct transfer t;
    curl_write_callback line;
    curl_write_callback body;
};

static void begin_taking(struct taking *taking, const struct http_extras *extras, size_t limit)
{
    static const struct http_extras none;
    *taking = (struct taking){.t = {.api = &curl_double_api,
                                    .extras = extras != NULL ? extras : &none,
                                    .response = response_new("", limit)}};
    curl_double.count = 0;
    assert_true(transfer_receive_setup(&taking->t));
    taking->line = (curl_write_callback)curl_double_find(CURLOPT_HEADERFUNCTION)->function;
    taking->body = (curl_write_callback)curl_double_find(CURLOPT_WRITEFUNCTION)->function;
    assert_ptr_equal(curl_double_find(CURLOPT_HEADERDATA)->pointer, &taking->t);
    assert_ptr_equal(curl_double_find(CURLOPT_WRITEDATA)->pointer, &taking->t);
}

/* Whether the text is taken as a whole; the other count tells curl to end the transfer. */
static bool take(struct taking *taking, curl_write_callback callback, const char *text)
{
    char copy[64];
    strcpy(copy, text);
    return callback(copy, 1, strlen(text), &taking->t) == strlen(text);
}

static void what_is_not_taken_says_why(void **state)
{
    (void)state;
    struct taking taking;
    begin_taking(&taking, NULL, 5);
    assert_true(take(&taking, taking.line, "HTTP/1.1 200 OK\r\n"));
    assert_false(take(&taking, taking.line, "no colon\r\n"));
    assert_int_equal(taking.t.stop, STOP_MALFORMED);
    taking.t.stop = STOP_NONE;
    for (int i = 0; i < RESPONSE_HEADER_LINES && taking.t.stop == STOP_NONE; i++) {
        take(&taking, taking.line, "X: y\r\n");
    }
    assert_false(take(&taking, taking.line, "X: y\r\n"));
    assert_int_equal(taking.t.stop, STOP_TOO_MANY_HEADERS);
    http_response_free(taking.t.response);

    begin_taking(&taking, NULL, 5);
    assert_true(take(&taking, taking.line, "HTTP/1.1 200 OK\r\n"));
    assert_true(take(&taking, taking.body, "hello"));
    assert_int_equal(taking.t.stop, STOP_NONE);
    assert_false(take(&taking, taking.body, "!"));
    assert_int_equal(taking.t.stop, STOP_TOO_LARGE);
    http_response_free(taking.t.response);
}

static bool refusing;

static bool collect(const void *octets, size_t length, void *data)
{
    return !refusing && buffer_append(data, octets, length);
}

/* The status of the answer that is taken. */
static bool look(const struct mstr_http_response *answer, void *data)
{
    (void)data;
    return http_answer(answer)->status != 299;
}

static void a_receiver_may_refuse_what_it_sees_at_the_begin(void **state)
{
    (void)state;
    static const char *const lines[] = {"HTTP/1.1 200 OK\r\n", "HTTP/1.1 299 Odd\r\n"};
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        struct buffer received = BUFFER_INIT;
        const struct http_extras extras = {.write = collect, .begin = look, .write_data = &received};
        struct taking taking;
        begin_taking(&taking, &extras, 0);
        take(&taking, taking.line, lines[i]);
        assert_int_equal(take(&taking, taking.body, "hel"), i == 0);
        assert_string_equal(buffer_text(&received), i == 0 ? "hel" : "");
        assert_int_equal(taking.t.stop, i == 0 ? STOP_NONE : STOP_WRITER);
        http_response_free(taking.t.response);
        buffer_release(&received);
    }
}

static void a_receiver_gets_what_succeeded_and_nothing_else(void **state)
{
    (void)state;
    static const struct {
        const char *status;
        const char *received;
        const char *kept;
    } cases[] = {
        {"HTTP/1.1 200 OK\r\n", "hello", ""},
        {"HTTP/1.1 299 Odd\r\n", "hello", ""},
        {"HTTP/1.1 302 Found\r\n", "", "hello"},
        {"HTTP/1.1 401 No\r\n", "", "hello"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer received = BUFFER_INIT;
        const struct http_extras extras = {.write = collect, .write_data = &received};
        struct taking taking;
        begin_taking(&taking, &extras, 0);
        take(&taking, taking.line, cases[i].status);
        assert_true(take(&taking, taking.body, "hel"));
        assert_true(take(&taking, taking.body, "lo"));
        assert_string_equal(buffer_text(&received), cases[i].received);
        assert_string_equal(buffer_text(&taking.t.response->body), cases[i].kept);
        refusing = true;
        assert_int_equal(take(&taking, taking.body, "!"), *cases[i].kept != '\0');
        assert_int_equal(taking.t.stop, *cases[i].kept != '\0' ? STOP_NONE : STOP_WRITER);
        refusing = false;
        http_response_free(taking.t.response);
        buffer_release(&received);
    }
}

/* So that growth copies nothing about, unless the announcement is a lie or not of what arrives. */
static void room_is_made_for_the_announced_length(void **state)
{
    (void)state;
    static const struct {
        curl_off_t announced;
        const char *header;
        bool room;
    } cases[] = {
        {100000, "X: y\r\n", true},
        {100001, "X: y\r\n", false}, /* more than is accepted */
        {100000, "Content-Encoding: gzip\r\n", false},
        {-1, "X: y\r\n", false},
        {0, "X: y\r\n", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct taking taking;
        begin_taking(&taking, NULL, 100000);
        curl_double.announced = cases[i].announced;
        assert_true(take(&taking, taking.line, "HTTP/1.1 200 OK\r\n"));
        assert_true(take(&taking, taking.line, cases[i].header));
        assert_true(take(&taking, taking.line, "\r\n"));
        assert_true(take(&taking, taking.body, "x"));
        assert_int_equal(taking.t.response->body.capacity >= 100000, cases[i].room);
        http_response_free(taking.t.response);
    }
    curl_double.announced = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_found_without_regard_to_case),
        cmocka_unit_test(redirects_are_answers),
        cmocka_unit_test(header_sections_are_bounded),
        cmocka_unit_test(bodies_are_bounded),
        cmocka_unit_test(what_is_not_taken_says_why),
        cmocka_unit_test(a_receiver_gets_what_succeeded_and_nothing_else),
        cmocka_unit_test(a_receiver_may_refuse_what_it_sees_at_the_begin),
        cmocka_unit_test(room_is_made_for_the_announced_length),
    };
    return RUN_TESTS("http/receive");
}
