/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/routes.c */
#include "desk.h"

static int begin(void **state)
{
    (void)state;
    desk_open("[profile p]\nbase_url = http://127.0.0.1:1/\nusername = u\npassword = p\n"
              "[agent]\nreplay_octets = 4096\n");
    return 0;
}

static int end(void **state)
{
    (void)state;
    desk_close();
    return 0;
}

static void a_path_has_its_route_with_or_without_a_query(void **state)
{
    (void)state;
    int status = 0;
    const char *allow = NULL;
    assert_ptr_equal(routes_find("GET", "/v1/status", &status, &allow), &route_status);
    assert_ptr_equal(routes_find("HEAD", "/v1/status?x", &status, &allow), &route_status);
    assert_ptr_equal(routes_find("POST", "/v1/resolve", &status, &allow), &route_resolve);
}

static void unknown_paths_and_methods_are_told_apart(void **state)
{
    (void)state;
    static const char *const unknown[] = {"/",           "/v1",         "/v1/",         "/v1/statusx",
                                          "/v1/status/", "//v1/status", "/v1/%73tatus", "/v2/status"};
    for (size_t i = 0; i < COUNT_OF(unknown); i++) {
        assert_int_equal(desk_ask("GET", unknown[i], ""), 404);
        assert_has(desk_body(), "there is nothing of this name");
    }
    assert_int_equal(desk_ask("POST", "/v1/status", ""), 405);
    assert_has(desk_body(), "this method has no meaning here");
    assert_string_equal(desk_header("Allow"), "GET, HEAD");
    assert_int_equal(desk_ask("GET", "/v1/resolve", ""), 405);
    assert_string_equal(desk_header("Allow"), "POST");
}

static int ask_tcp(const char *name, const char *value)
{
    const struct request_header header = {name, strlen(name), value, strlen(value)};
    desk_clear();
    desk.request = (struct request){.method = "GET",
                                    .target = "/v1/status",
                                    .peer = {.tcp = true, .uid = (uid_t)-1},
                                    .headers = &header,
                                    .header_count = 1};
    return routes_hooks.begin(&desk.agent, &desk.request) < 0 ? desk.request.reply.status : 0;
}

static void over_tcp_each_request_needs_the_token(void **state)
{
    (void)state;
    buffer_puts(&desk.agent.token.text, "0123456789abcdef");
    assert_int_equal(ask_tcp("Authorization", "Bearer 0123456789abcdef"), 0);
    assert_int_equal(ask_tcp("Authorization", "bearer 0123456789abcdef"), 0);
    assert_int_equal(ask_tcp("X-Mstr-Token", "0123456789abcdef"), 0);
    assert_int_equal(ask_tcp("Authorization", "0123456789abcdef"), 401);
    assert_string_equal(desk_header("WWW-Authenticate"), "Bearer");
    assert_int_equal(ask_tcp("X-Mstr-Token", "0123456789abcdeg"), 401);
    int status = 401;
    for (int i = 0; i < 10 && status == 401; i++) {
        status = ask_tcp("Cookie", "x");
    }
    assert_int_equal(status, 429);
    assert_int_equal(ask_tcp("X-Mstr-Token", "0123456789abcdef"), 0);
}

static void a_connection_too_many_is_put_off_and_a_foreign_one_refused(void **state)
{
    (void)state;
    struct reply reply = {0};
    struct generation *generation = contexts_hold(desk.agent.contexts);
    const unsigned holders = (unsigned)generation->holders;
    const struct peer own = {.uid = geteuid(), .pid = getpid()};
    const struct peer foreign = {.uid = 4711, .pid = getpid()};
    assert_true(routes_hooks.connect(&desk.agent, -1, &own, &reply));
    routes_hooks.disconnect(&desk.agent, &own);
    assert_false(routes_hooks.connect(&desk.agent, -1, &foreign, &reply));
    assert_int_equal(reply.status, 403);
    reply_release(&reply);

    reply = (struct reply){0};
    size_t open = 0;
    while (open < 1000 && routes_hooks.connect(&desk.agent, -1, &own, &reply)) {
        open++;
    }
    assert_true(open > 0 && open < 1000);
    assert_int_equal(reply.status, 503);
    reply_release(&reply);
    reply = (struct reply){0};
    routes_hooks.disconnect(&desk.agent, &own);
    assert_true(routes_hooks.connect(&desk.agent, -1, &own, &reply));
    for (; open > 0; open--) {
        routes_hooks.disconnect(&desk.agent, &own);
    }
    assert_int_equal(generation->holders, holders);
    contexts_let_go(desk.agent.contexts, generation);
}

/* What it says of itself before its body is read. */
static int64_t body_of(const char *method, const char *target)
{
    const struct peer own = {.uid = geteuid(), .pid = getpid()};
    desk_clear();
    desk.request = (struct request){.method = method, .target = desk.target = strdup(target), .peer = own};
    return routes_hooks.begin(&desk.agent, &desk.request);
}

static void each_route_has_its_own_bound_of_a_body(void **state)
{
    (void)state;
    assert_int_equal(body_of("POST", "/v1/resolve"), route_resolve.body);
    assert_false(desk.request.streams);
    assert_int_equal(body_of("GET", "/session/p/x"), 4096); /* as the configuration has it */
    assert_true(desk.request.streams);
}

static void what_was_answered_is_counted_and_what_was_not_is_not(void **state)
{
    (void)state;
    const struct gauges none = {.connections = 0};
    struct buffer text = BUFFER_INIT;
    assert_int_equal(desk_ask("GET", "/v1/statusx", ""), 404);
    assert_true(body_of("GET", "/v1/status") >= 0); /* and nobody answers it */
    routes_hooks.give_up(&desk.agent, &desk.request);
    desk_clear();
    metrics_write(desk.agent.metrics, &none, &text);
    assert_has(buffer_text(&text), "mstr_agent_requests_total{status=\"4xx\"} 1\n");
    assert_has(buffer_text(&text), "mstr_agent_requests_total{status=\"2xx\"} 0\n");
    buffer_release(&text);
}

/* It was not even read to the end. */
static void a_request_without_a_target_is_ended_as_well(void **state)
{
    (void)state;
    struct generation *generation = contexts_hold(desk.agent.contexts);
    const unsigned holders = (unsigned)generation->holders;
    assert_true(body_of("GET", "/v1/status") >= 0);
    assert_int_equal(generation->holders, holders + 1);
    desk.request.target = NULL;
    desk_clear();
    assert_int_equal(generation->holders, holders);
    contexts_let_go(desk.agent.contexts, generation);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_path_has_its_route_with_or_without_a_query, begin, end),
        cmocka_unit_test_setup_teardown(unknown_paths_and_methods_are_told_apart, begin, end),
        cmocka_unit_test_setup_teardown(over_tcp_each_request_needs_the_token, begin, end),
        cmocka_unit_test_setup_teardown(a_connection_too_many_is_put_off_and_a_foreign_one_refused, begin, end),
        cmocka_unit_test_setup_teardown(each_route_has_its_own_bound_of_a_body, begin, end),
        cmocka_unit_test_setup_teardown(what_was_answered_is_counted_and_what_was_not_is_not, begin, end),
        cmocka_unit_test_setup_teardown(a_request_without_a_target_is_ended_as_well, begin, end),
    };
    return RUN_TESTS("agent/routes");
}
