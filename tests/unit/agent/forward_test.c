/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/forward.c; its answers are told by tests/integration/agent_proxy_test.py. */
#include "agent/forward.h"

#include "desk.h"

static const char config[] = "[profile p]\nbase_url = http://127.0.0.1:1/\nusername = u\npassword = p\n";

static void a_server_that_cannot_be_reached_is_told_as_the_rest_api_tells(void **state)
{
    (void)state;
    desk_open(config);
    assert_int_equal(desk_ask("GET", "/session/p/projects", ""), 502);
    assert_string_equal(desk.request.reply.type, "application/json");
    assert_has(desk_body(), "{\"code\":\"ERR001\",\"message\":\"");
    desk_close();
}

static struct forward *begin_forward(int64_t timeout)
{
    struct proxy_path path;
    bool memory = true;
    struct request *request = &desk.request;
    desk_clear();
    *request = (struct request){.method = "GET", .target = "/session/p/x", .whole = true, .began = clock_monotonic()};
    request->answer = desk_answered;
    request->pause = desk_paused;
    request->generation = contexts_hold(desk.agent.contexts);
    assert_null(proxy_path_read(request->target, &path, &memory));
    struct forward *forward = forward_new(&desk.agent, request, &path, timeout);
    assert_non_null(forward);
    proxy_path_release(&path);
    return forward;
}

static void hold_worker(void *data)
{
    sem_wait(data);
}

static void one_that_nobody_has_begun_with_is_told_when_its_time_is_over(void **state)
{
    sem_t go;
    struct job busy[2];
    (void)state;
    desk_open(config);
    sem_init(&go, 0, 0);
    for (size_t i = 0; i < COUNT_OF(busy); i++) { /* as many as may be of this profile */
        busy[i] = (struct job){.key = "p", .run = hold_worker, .data = &go};
        assert_true(workers_put(desk.agent.senders, &busy[i]));
    }
    struct forward *forward = begin_forward(1);
    forward_start(forward);
    forward_give_up(forward);
    assert_true(flow_reply(desk.request.flow, &desk.request.reply));
    assert_int_equal(desk.request.reply.status, 504);
    forward_release(forward);
    for (size_t i = 0; i < COUNT_OF(busy); i++) {
        sem_post(&go);
    }
    desk_close();
    sem_destroy(&go);
}

static void one_whose_time_is_over_at_once_is_told_so(void **state)
{
    (void)state;
    desk_open(config);
    struct forward *forward = begin_forward(0);
    forward_start(forward);
    while (!flow_reply(desk.request.flow, &desk.request.reply)) {
        sem_wait(&desk.answered);
    }
    assert_int_equal(desk.request.reply.status, 504);
    forward_release(forward);
    desk_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_that_cannot_be_reached_is_told_as_the_rest_api_tells),
        cmocka_unit_test(one_that_nobody_has_begun_with_is_told_when_its_time_is_over),
        cmocka_unit_test(one_whose_time_is_over_at_once_is_told_so),
    };
    return RUN_TESTS("agent/forward");
}
