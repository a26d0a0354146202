/* core/http/client.c, setup.c, receive.c, failure.c: over plain connections */
#include "base/buffer.h"
#include "http_fixture.h"

#include <pthread.h>
#include <stdio.h>

/* Answers with the request's own head and body. */
static bool echo(struct tiny_connection *c, const struct tiny_request *request, void *data)
{
    (void)data;
    struct buffer out = BUFFER_INIT;
    buffer_printf(&out, "HTTP/1.1 200 OK\r\nX-Connection: %u\r\nContent-Length: %zu\r\n\r\n%s", request->connection,
                  strlen(request->head) + request->body_length, request->head);
    buffer_append(&out, request->body, request->body_length);
    bool good = tiny_write(c, out.data, out.length);
    buffer_release(&out);
    return good;
}

/* Answers with the text given, once a connection. */
static bool answer(struct tiny_connection *c, const struct tiny_request *request, void *data)
{
    (void)request;
    tiny_text(c, data);
    return false;
}

static void a_request_is_sent_as_it_was_given(void **state)
{
    (void)state;
    struct tiny_server *server = tiny_server_start(echo, NULL, NULL);
    struct fixture f = fixture_new(NULL);
    const struct mstr_header headers[] = {{"X-One", "1"}, {"X-Empty", ""}};
    char expected[512];
    f.request.method = "POST";
    f.request.headers = headers;
    f.request.header_count = 2;
    f.request.body = "a\0b";
    f.request.body_length = 3;

    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/a/../b//c?x=%20&y")), MSTR_OK);

    const struct mstr_http_answer *got = http_answer(f.response);
    assert_int_equal(got->status, 200);
    assert_string_equal(got->peer, "127.0.0.1");
    assert_true(got->sent > 0 && got->received >= got->sent);
    snprintf(expected, sizeof(expected),
             "POST /a/../b//c?x=%%20&y HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nX-One: 1\r\nX-Empty:\r\n",
             tiny_server_port(server));
    assert_memory_equal(got->body, expected, strlen(expected));
    assert_non_null(strstr(got->body, "\r\nUser-Agent: libmstr/"));
    assert_non_null(strstr(got->body, "\r\nContent-Length: 3\r\n"));
    assert_null(strstr(got->body, "\r\nAccept:"));
    assert_null(strstr(got->body, "\r\nContent-Type:"));
    assert_null(strstr(got->body, "\r\nExpect:"));
    assert_memory_equal(got->body + got->body_length - 3, "a\0b", 4);
    fixture_free(&f);
    tiny_server_stop(server);
}

static void methods_keep_their_names_and_announce_lengths(void **state)
{
    (void)state;
    static const struct {
        const char *method;
        bool announces;
    } cases[] = {{"GET", false}, {"DELETE", false}, {"OPTIONS", false},
                 {"POST", true}, {"PUT", true},     {"PATCH", true}};
    struct tiny_server *server = tiny_server_start(echo, NULL, NULL);
    struct fixture f = fixture_new(NULL);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        f.request.method = cases[i].method;
        assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_OK);
        const char *body = http_answer(f.response)->body;
        assert_memory_equal(body, cases[i].method, strlen(cases[i].method));
        assert_int_equal(strstr(body, "\r\nContent-Length: 0\r\n") != NULL, cases[i].announces);
    }
    assert_int_equal(tiny_server_connections(server), 1);
    fixture_free(&f);
    tiny_server_stop(server);
}

static void requests_that_cannot_be_meant_are_refused_unsent(void **state)
{
    (void)state;
    static const struct mstr_header split[] = {{"X", "a\r\nY: b"}};
    static const struct mstr_header spaced[] = {{"X Y", "a"}};
    static const struct {
        const char *method, *url;
        const struct mstr_header *header;
        enum mstr_code code;
    } cases[] = {
        {"GET", "ftp://127.0.0.1/", NULL, MSTR_E_CONFIG},
        {"GET", NULL, NULL, MSTR_E_CONFIG},
        {"GET", "http://user:hunter2@127.0.0.1/", NULL, MSTR_E_CONFIG},
        {"GET", "http://user:hunter2@/", NULL, MSTR_E_CONFIG},
        {"GET", "http://service.example/", NULL, MSTR_E_CONFIG},
        {"GET /x", "http://127.0.0.1/", NULL, MSTR_E_USAGE},
        {"GET", "http://127.0.0.1/", split, MSTR_E_USAGE},
        {"GET", "http://127.0.0.1/", spaced, MSTR_E_USAGE},
    };
    struct fixture f = fixture_new(NULL);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        f.request.method = cases[i].method;
        f.request.headers = cases[i].header;
        f.request.header_count = cases[i].header != NULL;
        assert_int_equal(fixture_send(&f, cases[i].url), cases[i].code);
        assert_null(f.response);
        assert_null(strstr(mstr_error_message(f.error), "hunter2"));
    }
    fixture_free(&f);
}

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

static void broken_answers_are_told_by_class(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum mstr_code code;
    } cases[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", MSTR_E_NETWORK},
        {"", MSTR_E_NETWORK},
        {"<html>no protocol</html>", MSTR_E_PROTOCOL},
        {"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", MSTR_E_PROTOCOL},
        {"HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 0\r\n\r\n", MSTR_E_PROTOCOL},
        {"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n", MSTR_E_NETWORK},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", MSTR_E_NETWORK},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct tiny_server *server = tiny_server_start(answer, (void *)(uintptr_t)cases[i].text, NULL);
        struct fixture f = fixture_new(NULL);
        assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), cases[i].code);
        assert_null(f.response);
        assert_non_null(strstr(mstr_error_message(f.error), "127.0.0.1"));
        fixture_free(&f);
        tiny_server_stop(server);
    }
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

/* Serves one request a connection, then closes it when the next one comes, as a server does whose patience ended. */
static bool close_on_second(struct tiny_connection *c, const struct tiny_request *request, void *data)
{
    return request->on_connection == 1 && echo(c, request, data);
}

static void a_kept_connection_that_was_closed_is_replaced_once(void **state)
{
    (void)state;
    struct tiny_server *server = tiny_server_start(close_on_second, NULL, NULL);
    struct fixture f = fixture_new(NULL);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_OK);
    }
    assert_int_equal(tiny_server_connections(server), 3);
    assert_int_equal(tiny_server_requests(server), 5);
    fixture_free(&f);
    tiny_server_stop(server);
}

static void a_single_shot_never_reuses_a_connection(void **state)
{
    (void)state;
    struct tiny_server *server = tiny_server_start(echo, NULL, NULL);
    struct fixture f = fixture_new(NULL);
    f.request.flags = MSTR_HTTP_SINGLE_SHOT;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_OK);
    }
    assert_int_equal(tiny_server_connections(server), 3);
    fixture_free(&f);
    tiny_server_stop(server);
}

static bool silent(struct tiny_connection *c, const struct tiny_request *request, void *data)
{
    (void)request;
    if (data != NULL) {
        mstr_cancel_now(data);
    }
    tiny_wait_for_end(c);
    return false;
}

static void deadlines_end_a_wait(void **state)
{
    (void)state;
    struct tiny_server *server = tiny_server_start(silent, NULL, NULL);
    struct fixture f = fixture_new(NULL);
    f.request.timeout = 40;
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_E_TIMEOUT);
    f.request.timeout = 0;
    f.extras.low_speed_timeout = 40;
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_E_TIMEOUT);
    assert_non_null(strstr(mstr_error_message(f.error), "nothing came from"));
    f.limits.deadline = clock_monotonic();
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_E_TIMEOUT);
    fixture_free(&f);
    tiny_server_stop(server);
}

/* The server cancels as soon as the request has arrived; nothing else would end it within a minute. */
static void cancellation_ends_a_wait(void **state)
{
    (void)state;
    mstr_cancel *cancel = mstr_cancel_new();
    struct tiny_server *server = tiny_server_start(silent, cancel, NULL);
    struct fixture f = fixture_new(NULL);
    f.limits.cancel = cancel;
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_E_CANCELLED);
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_E_CANCELLED);
    assert_int_equal(tiny_server_requests(server), 1);
    fixture_free(&f);
    tiny_server_stop(server);
    mstr_cancel_free(cancel);
}

struct stream {
    size_t left;
    struct buffer taken;
    bool refuse;
};

static int64_t produce(void *into, size_t capacity, void *data)
{
    struct stream *stream = data;
    size_t count = stream->left < capacity ? stream->left : capacity;
    if (stream->refuse) {
        return -1;
    }
    memset(into, 'u', count);
    stream->left -= count;
    return (int64_t)count;
}

static bool consume(const void *octets, size_t length, void *data)
{
    struct stream *stream = data;
    return buffer_append(&stream->taken, octets, length);
}

static void bodies_are_streamed_both_ways(void **state)
{
    (void)state;
    struct tiny_server *server = tiny_server_start(echo, NULL, NULL);
    struct fixture f = fixture_new(NULL);
    struct stream stream = {.left = 300000, .taken = {.limit = 1 << 20}};
    f.request.method = "PUT";
    f.extras = (struct http_extras){
        .read = produce, .read_length = 300000, .read_data = &stream, .write = consume, .write_data = &stream};
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_OK);
    assert_true(stream.taken.length > 300000);
    assert_int_equal(http_answer(f.response)->body_length, 0);

    buffer_clear(&stream.taken);
    stream.left = 10;
    f.extras.read_length = -1;
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_OK);
    assert_non_null(strstr(buffer_text(&stream.taken), "\r\nTransfer-Encoding: chunked\r\n"));

    stream.refuse = true;
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_E_CANCELLED);
    buffer_release(&stream.taken);
    fixture_free(&f);
    tiny_server_stop(server);
}

/* Holds every request until all have come, so that it only ends if they are sent side by side. */
struct gathering {
    pthread_mutex_t lock;
    pthread_cond_t all_here;
    unsigned here, wanted;
};

static bool gather(struct tiny_connection *c, const struct tiny_request *request, void *data)
{
    struct gathering *g = data;
    pthread_mutex_lock(&g->lock);
    g->here++;
    pthread_cond_broadcast(&g->all_here);
    while (g->here < g->wanted) {
        pthread_cond_wait(&g->all_here, &g->lock);
    }
    pthread_mutex_unlock(&g->lock);
    return echo(c, request, NULL);
}

static void several_requests_run_side_by_side_each_with_its_own_fate(void **state)
{
    (void)state;
    struct gathering g = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 20};
    struct tiny_server *server = tiny_server_start(gather, &g, NULL);
    struct fixture f = fixture_new(NULL);
    struct mstr_http_exchange exchanges[21] = {{0}};
    struct mstr_http_request good = f.request;
    struct mstr_http_request bad = f.request;
    good.url = tiny_server_url(server, "/");
    bad.url = "http://u:p@127.0.0.1/";
    for (size_t i = 0; i < 21; i++) {
        exchanges[i] = (struct mstr_http_exchange){.size = sizeof(exchanges[i]), .request = i == 7 ? &bad : &good};
    }
    http_send_many(f.client, exchanges, 21, &f.limits);
    for (size_t i = 0; i < 21; i++) {
        assert_int_equal(exchanges[i].code, i == 7 ? MSTR_E_CONFIG : MSTR_OK);
        assert_int_equal(exchanges[i].response == NULL, i == 7);
        http_response_free(exchanges[i].response);
    }
    http_send_many(f.client, exchanges, 0, &f.limits);
    fixture_free(&f);
    tiny_server_stop(server);
}

static void more_requests_than_may_fly_at_once_all_arrive(void **state)
{
    (void)state;
    struct tiny_server *server = tiny_server_start(echo, NULL, NULL);
    struct fixture f = fixture_new(NULL);
    struct mstr_http_exchange exchanges[80] = {{0}};
    f.request.url = tiny_server_url(server, "/");
    for (size_t i = 0; i < COUNT_OF(exchanges); i++) {
        exchanges[i] = (struct mstr_http_exchange){.size = sizeof(exchanges[i]), .request = &f.request};
    }
    http_send_many(f.client, exchanges, COUNT_OF(exchanges), &f.limits);
    for (size_t i = 0; i < COUNT_OF(exchanges); i++) {
        assert_int_equal(exchanges[i].code, MSTR_OK);
        http_response_free(exchanges[i].response);
    }
    assert_true(tiny_server_connections(server) <= 32);
    fixture_free(&f);
    tiny_server_stop(server);
}

static void *send_ten(void *data)
{
    struct fixture *f = data;
    for (int i = 0; i < 10; i++) {
        struct mstr_http_response *response = NULL;
        if (http_send(f->client, &f->request, NULL, &f->limits, &response, NULL) != MSTR_OK) {
            return data;
        }
        http_response_free(response);
    }
    return NULL;
}

static void many_threads_share_a_client(void **state)
{
    (void)state;
    struct tiny_server *server = tiny_server_start(echo, NULL, NULL);
    struct fixture f = fixture_new(NULL);
    pthread_t threads[8];
    f.request.url = tiny_server_url(server, "/");
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        pthread_create(&threads[i], NULL, send_ten, &f);
    }
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        void *failed = NULL;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    assert_int_equal(tiny_server_requests(server), 80);
    assert_true(tiny_server_connections(server) <= 8);
    fixture_free(&f);
    tiny_server_stop(server);
}

static void a_refused_connection_names_host_and_remedy(void **state)
{
    (void)state;
    struct tiny_server *server = tiny_server_start(echo, NULL, NULL);
    char url[64];
    snprintf(url, sizeof(url), "%s", tiny_server_url(server, "/"));
    tiny_server_stop(server);
    struct fixture f = fixture_new(NULL);
    assert_int_equal(fixture_send(&f, url), MSTR_E_NETWORK);
    assert_non_null(strstr(mstr_error_message(f.error), "cannot connect to 127.0.0.1: Connection refused at port "));
    assert_non_null(mstr_error_hint(f.error));
    fixture_free(&f);
}

static void proxies_are_never_asked_for_loopback_hosts(void **state)
{
    (void)state;
    struct tiny_server *proxy = tiny_server_start(echo, NULL, NULL);
    struct tiny_server *server = tiny_server_start(echo, NULL, NULL);
    char proxy_url[64];
    snprintf(proxy_url, sizeof(proxy_url), "%s", tiny_server_url(proxy, ""));
    struct fixture f = fixture_new(&(struct http_client_options){.proxy = proxy_url});
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_OK);
    assert_int_equal(tiny_server_requests(proxy), 0);
    f.request.flags = MSTR_HTTP_ALLOW_PLAIN;
    assert_int_equal(fixture_send(&f, "http://service.example/x"), MSTR_OK);
    assert_memory_equal(http_answer(f.response)->body, "GET http://service.example/x HTTP/1.1\r\n", 39);
    assert_int_equal(tiny_server_requests(proxy), 1);
    fixture_free(&f);
    tiny_server_stop(server);
    tiny_server_stop(proxy);
}

static void a_connect_address_takes_the_place_of_resolution(void **state)
{
    (void)state;
    struct tiny_server *server = tiny_server_start(echo, NULL, NULL);
    struct fixture f = fixture_new(NULL);
    char url[64];
    char host[64];
    snprintf(url, sizeof(url), "http://service.example:%u/p", tiny_server_port(server));
    snprintf(host, sizeof(host), "\r\nHost: service.example:%u\r\n", tiny_server_port(server));
    f.request.flags = MSTR_HTTP_ALLOW_PLAIN;
    f.request.connect_address = "127.0.0.1";
    assert_int_equal(fixture_send(&f, url), MSTR_OK);
    assert_non_null(strstr(http_answer(f.response)->body, host));
    fixture_free(&f);
    tiny_server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_sent_as_it_was_given),
        cmocka_unit_test(methods_keep_their_names_and_announce_lengths),
        cmocka_unit_test(requests_that_cannot_be_meant_are_refused_unsent),
        cmocka_unit_test(headers_are_found_without_regard_to_case),
        cmocka_unit_test(redirects_are_answers),
        cmocka_unit_test(broken_answers_are_told_by_class),
        cmocka_unit_test(header_sections_are_bounded),
        cmocka_unit_test(bodies_are_bounded),
        cmocka_unit_test(a_kept_connection_that_was_closed_is_replaced_once),
        cmocka_unit_test(a_single_shot_never_reuses_a_connection),
        cmocka_unit_test(deadlines_end_a_wait),
        cmocka_unit_test(cancellation_ends_a_wait),
        cmocka_unit_test(bodies_are_streamed_both_ways),
        cmocka_unit_test(several_requests_run_side_by_side_each_with_its_own_fate),
        cmocka_unit_test(more_requests_than_may_fly_at_once_all_arrive),
        cmocka_unit_test(many_threads_share_a_client),
        cmocka_unit_test(a_refused_connection_names_host_and_remedy),
        cmocka_unit_test(proxies_are_never_asked_for_loopback_hosts),
        cmocka_unit_test(a_connect_address_takes_the_place_of_resolution),
    };
    return RUN_TESTS("http/client");
}
