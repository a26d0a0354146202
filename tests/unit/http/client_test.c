/* SPDX-License-Identifier: Apache-2.0 */
/* core/http/client.c */
#include "http_fixture.h"

#include "base/clock.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

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

static bool cancel_and_answer(struct tiny_connection *c, const struct tiny_request *request, void *data)
{
    mstr_cancel_now(data);
    return echo(c, request, NULL);
}

static bool outstay(struct tiny_connection *c, const struct tiny_request *request, void *data)
{
    const struct limits *limits = data;
    while (limits_remaining(limits) > 0) {
        usleep(1000);
    }
    return echo(c, request, NULL);
}

static void an_answer_is_waited_for_beyond_the_deadline_where_that_is_wanted(void **state)
{
    static const struct {
        tiny_handler handler;
        int64_t linger;
        enum mstr_code code;
    } cases[] = {{outstay, 60000, MSTR_OK}, {silent, 0, MSTR_E_TIMEOUT}, {silent, 40, MSTR_E_TIMEOUT}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fixture f = fixture_new(NULL);
        struct tiny_server *server = tiny_server_start(cases[i].handler, &f.limits, NULL);
        f.limits.deadline = clock_monotonic() + 500;
        f.extras.linger = cases[i].linger;
        assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), cases[i].code);
        tiny_server_stop(server);
        fixture_free(&f);
    }
}

/* Of what begins something; in the end the wait is over all the same. */
static void an_answer_is_waited_for_after_a_cancellation_where_that_is_wanted(void **state)
{
    static const struct {
        tiny_handler handler;
        int64_t linger;
        enum mstr_code code;
    } cases[] = {{cancel_and_answer, 60000, MSTR_OK}, {silent, 40, MSTR_E_CANCELLED}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_cancel *cancel = mstr_cancel_new();
        struct tiny_server *server = tiny_server_start(cases[i].handler, cancel, NULL);
        struct fixture f = fixture_new(NULL);
        f.limits.cancel = cancel;
        f.extras.linger = cases[i].linger;
        assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), cases[i].code);
        fixture_free(&f);
        tiny_server_stop(server);
        mstr_cancel_free(cancel);
    }
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

/* Behind a name that leads nowhere, libcurl keeps with its handle the buffer that it had for the answer. */
static void a_name_that_leads_nowhere_does_no_harm_to_what_is_sent_later(void **state)
{
    (void)state;
    struct tiny_server *server = tiny_server_start(echo, NULL, NULL);
    struct fixture f = fixture_new(NULL);
    struct stream stream = {.taken = {.limit = 1 << 20}};
    f.request.flags = MSTR_HTTP_ALLOW_PLAIN;
    assert_int_equal(fixture_send(&f, "http://no..name/"), MSTR_E_NETWORK);
    f.extras = (struct http_extras){.write = consume, .write_data = &stream};
    assert_int_equal(fixture_send(&f, tiny_server_url(server, "/")), MSTR_OK);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kept_connection_that_was_closed_is_replaced_once),
        cmocka_unit_test(deadlines_end_a_wait),
        cmocka_unit_test(cancellation_ends_a_wait),
        cmocka_unit_test(an_answer_is_waited_for_beyond_the_deadline_where_that_is_wanted),
        cmocka_unit_test(an_answer_is_waited_for_after_a_cancellation_where_that_is_wanted),
        cmocka_unit_test(bodies_are_streamed_both_ways),
        cmocka_unit_test(a_name_that_leads_nowhere_does_no_harm_to_what_is_sent_later),
        cmocka_unit_test(several_requests_run_side_by_side_each_with_its_own_fate),
        cmocka_unit_test(more_requests_than_may_fly_at_once_all_arrive),
        cmocka_unit_test(many_threads_share_a_client),
    };
    return RUN_TESTS("http/client");
}
