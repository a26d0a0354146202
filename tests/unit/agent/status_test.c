/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/status.c */
#include "desk.h"

static int begin(void **state)
{
    (void)state;
    desk_open("[agent]\nallow = env:DESK_*\n");
    return 0;
}

static int end(void **state)
{
    (void)state;
    desk_close();
    return 0;
}

static void status_tells_how_the_agent_is(void **state)
{
    (void)state;
    char pid[32];
    snprintf(pid, sizeof(pid), "\"pid\":%d,", (int)getpid());
    assert_int_equal(desk_ask("GET", "/v1/status", ""), 200);
    assert_has(desk_body(), "{\"protocol\":1,\"build\":\"");
    assert_has(desk_body(), pid);
    assert_has(desk_body(), "\"draining\":false,\"config_stale\":false,\"locked\":false,\"environment_since\":\"");
    assert_has(desk_body(), "\"key\":\"0011\"");
    desk.agent.draining = desk.agent.stale = desk.agent.locked = true;
    assert_int_equal(desk_ask("GET", "/v1/status", ""), 200);
    assert_has(desk_body(), "\"draining\":true,\"config_stale\":true,\"locked\":true");
}

static void instances_are_told_once_they_were_used(void **state)
{
    (void)state;
    setenv("DESK_VALUE", "canary", 1);
    desk_ask("GET", "/v1/secret?reference=env:DESK_VALUE", "");
    desk_ask("GET", "/v1/status", "");
    assert_has(desk_body(), "\"instances\":{\"env\":{\"state\":\"ready\"}}}");
    assert_has_not(desk_body(), "canary");
    metrics_note_store(desk.agent.metrics, "env", true);
    desk_ask("GET", "/v1/status", "");
    assert_has(desk_body(), "\"env\":{\"state\":\"failing\"}");
    desk_ask("GET", "/v1/secret?reference=env:DESK_NONE", ""); /* which it has answered */
    desk_ask("GET", "/v1/status", "");
    assert_has(desk_body(), "\"env\":{\"state\":\"ready\"}");
}

static void metrics_count_and_hold_nothing_of_a_value_or_a_reference(void **state)
{
    (void)state;
    setenv("DESK_VALUE", "canary", 1);
    desk_ask("GET", "/v1/secret?reference=env:DESK_VALUE", "");
    assert_int_equal(desk_ask("GET", "/metrics", ""), 200);
    assert_string_equal(desk.request.reply.type, "text/plain; version=0.0.4");
    assert_has(desk_body(), "mstr_agent_lookups_total{scheme=\"env\",outcome=\"fetched\"} 1\n");
    assert_has_not(desk_body(), "canary");
    assert_has_not(desk_body(), "DESK_VALUE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(status_tells_how_the_agent_is, begin, end),
        cmocka_unit_test_setup_teardown(instances_are_told_once_they_were_used, begin, end),
        cmocka_unit_test_setup_teardown(metrics_count_and_hold_nothing_of_a_value_or_a_reference, begin, end),
    };
    return RUN_TESTS("agent/status");
}
