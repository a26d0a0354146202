/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/govern.c */
#include "desk.h"

static int begin(void **state)
{
    (void)state;
    desk_open("[agent]\nreferences = 5\n");
    return 0;
}

static int end(void **state)
{
    (void)state;
    desk_close();
    return 0;
}

static void flush_is_answered(void **state)
{
    (void)state;
    assert_int_equal(desk_ask("POST", "/v1/flush", ""), 200);
}

static void stop_is_a_wish(void **state)
{
    (void)state;
    assert_int_equal(desk_ask("POST", "/v1/stop", ""), 202);
    assert_true(desk.agent.stop);
}

static void reload_tells_why_the_configuration_is_of_no_use(void **state)
{
    (void)state;
    assert_int_equal(desk_ask("POST", "/v1/reload", ""), 200);
    assert_int_equal(truncate(desk.config, 5), 0);
    assert_int_equal(desk_ask("POST", "/v1/reload", ""), 400);
    assert_has(desk_body(), desk.config);
    assert_true(desk.agent.stale);
}

static void only_the_own_user_and_root_govern_and_never_over_tcp(void **state)
{
    (void)state;
    const struct peer tcp = {.tcp = true, .uid = (uid_t)-1};
    static const char *const targets[] = {"/v1/flush", "/v1/stop", "/v1/reload"};
    buffer_puts(&desk.agent.token.text, "0123456789abcdef");
    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        const struct request_header header = {"X-Mstr-Token", 12, "0123456789abcdef", 16};
        assert_int_equal(desk_ask_foreign("POST", targets[i], ""), 403);
        desk_clear();
        desk.request = (struct request){
            .method = "POST", .target = targets[i], .peer = tcp, .headers = &header, .header_count = 1};
        assert_int_equal(routes_hooks.begin(&desk.agent, &desk.request), -1);
        assert_int_equal(desk.request.reply.status, 403);
    }
    assert_false(desk.agent.stop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(flush_is_answered, begin, end),
        cmocka_unit_test_setup_teardown(stop_is_a_wish, begin, end),
        cmocka_unit_test_setup_teardown(reload_tells_why_the_configuration_is_of_no_use, begin, end),
        cmocka_unit_test_setup_teardown(only_the_own_user_and_root_govern_and_never_over_tcp, begin, end),
    };
    return RUN_TESTS("agent/govern");
}
