/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/exchange.c: who is asked when, without a server */
#include "agent/exchange.h"

#include "support/unit.h"

static struct connections connections;
static struct connection *connection;
static struct exchange exchange;
static char asked[64]; /* a letter for each hook */
static bool at_once;   /* the reply is known when the request is */

static void note(const char *hook)
{
    strcat(asked, hook);
}

static int64_t begin_hook(void *data, struct request *request)
{
    (void)data;
    (void)request;
    note("b");
    return 4;
}

static bool finish_hook(void *data, struct request *request)
{
    (void)data;
    note("f");
    if (at_once) {
        reply_json(&request->reply, 200);
    }
    return at_once;
}

static void dispatch_hook(void *data, struct request *request)
{
    (void)data;
    (void)request;
    note("d");
}

static void end_hook(void *data, struct request *request)
{
    (void)data;
    (void)request;
    note("e");
}

static const struct server_hooks hooks = {
    .begin = begin_hook, .finish = finish_hook, .dispatch = dispatch_hook, .end = end_hook};

static int begin(void **state)
{
    (void)state;
    connections = (struct connections){.idle = 1000};
    connection = connections_add(&connections, -1);
    memset(&exchange, 0, sizeof(exchange));
    asked[0] = '\0';
    at_once = true;
    exchange_begin(&exchange, connection, &hooks, "/x");
    return connection == NULL;
}

static int end(void **state)
{
    (void)state;
    exchange_end(&exchange);
    assert_int_equal(connection->phase, PHASE_IDLE);
    assert_null(connection->pending);
    connections_remove(connection);
    return 0;
}

/* A head with a body of so many octets. */
static enum step read_head(const char *length)
{
    static const struct request_header host = {"Host", 4, "x", 1};
    const struct request_header header = {"Content-Length", 14, length, strlen(length)};
    exchange_read_line(&exchange, "POST", "HTTP/1.1");
    assert_true(exchange_add_header(&exchange, &host));
    assert_true(exchange_add_header(&exchange, &header));
    return exchange_read_head(&exchange, false, 1000, 0);
}

static void a_request_is_answered_behind_its_body(void **state)
{
    (void)state;
    assert_int_equal(connection->phase, PHASE_HEAD);
    assert_int_equal(read_head("4"), STEP_GO_ON);
    assert_int_equal(connection->phase, PHASE_BODY);
    assert_int_equal(exchange_take_body(&exchange, "ab", 2), 2);
    assert_int_equal(exchange_take_body(&exchange, "cd", 2), 2);
    assert_int_equal(exchange_end_body(&exchange), STEP_REPLY);
    assert_string_equal(buffer_text(&exchange.request.body), "abcd");
    assert_true(exchange.request.whole);
    assert_string_equal(asked, "bf");
}

static void one_that_takes_time_is_held_up_before_it_is_handed_over(void **state)
{
    (void)state;
    at_once = false;
    assert_int_equal(read_head("0"), STEP_GO_ON);
    assert_int_equal(exchange_end_body(&exchange), STEP_PAUSE);
    assert_string_equal(asked, "bf");
    assert_null(connection->pending);
    exchange_dispatch(&exchange);
    assert_ptr_equal(connection->pending, &exchange.request);
    assert_int_equal(exchange_end_body(&exchange), STEP_REPLY); /* when it goes on */
    assert_string_equal(asked, "bfd");
}

static void a_head_of_no_use_asks_nobody(void **state)
{
    static const struct {
        bool malformed;
        size_t most;
        int status;
    } cases[] = {{false, 10, 431}, {true, 1000, 400}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        exchange.request.header_count = exchange.header_octets = 0;
        exchange_read_line(&exchange, "GET", "HTTP/1.0");
        const struct request_header host = {"Host", 4, "example", 7};
        exchange_add_header(&exchange, &host);
        assert_int_equal(exchange_read_head(&exchange, cases[i].malformed, cases[i].most, 0), STEP_REPLY);
        assert_int_equal(exchange.request.reply.status, cases[i].status);
        assert_true(exchange.request.reply.close);
    }
    assert_true(exchange.request.old);
    assert_string_equal(asked, "");
}

static void headers_have_an_end(void **state)
{
    const struct request_header header = {"X", 1, "y", 1};
    (void)state;
    for (int i = 0; i < EXCHANGE_HEADERS; i++) {
        assert_true(exchange_add_header(&exchange, &header));
    }
    assert_false(exchange_add_header(&exchange, &header));
    exchange_read_line(&exchange, "GET", "HTTP/1.1");
    assert_int_equal(exchange_read_head(&exchange, false, 100000, 0), STEP_REPLY);
    assert_int_equal(exchange.request.reply.status, 431);
}

static void a_body_that_is_too_long_is_refused_by_its_length_or_behind_it(void **state)
{
    (void)state;
    assert_int_equal(read_head("5"), STEP_REPLY);
    assert_int_equal(exchange.request.reply.status, 413);
    reply_release(&exchange.request.reply);
    memset(&exchange.request.reply, 0, sizeof(exchange.request.reply));
    exchange.finished = false;
    exchange.request.header_count = exchange.header_octets = 0;
    assert_int_equal(read_head("4"), STEP_GO_ON);
    assert_int_equal(exchange_take_body(&exchange, "abcdef", 6), 6);
    assert_int_equal(exchange_end_body(&exchange), STEP_REPLY);
    assert_int_equal(exchange.request.reply.status, 413);
    assert_string_equal(asked, "bb");
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        EACH(a_request_is_answered_behind_its_body),
        EACH(one_that_takes_time_is_held_up_before_it_is_handed_over),
        EACH(a_head_of_no_use_asks_nobody),
        EACH(headers_have_an_end),
        EACH(a_body_that_is_too_long_is_refused_by_its_length_or_behind_it),
    };
    return RUN_TESTS("agent/exchange");
}
