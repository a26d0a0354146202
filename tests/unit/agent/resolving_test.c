/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/resolving.c */
#include "desk.h"

#include "agent/resolving.h"

static int begin(void **state)
{
    (void)state;
    desk_open("[agent]\nallow = env:DESK_* file:/tmp/**\nuser_fetches = 5\n");
    setenv("DESK_VALUE", "value", 1);
    return 0;
}

static int end(void **state)
{
    (void)state;
    desk_close();
    return 0;
}

static void instances_are_asked_side_by_side_and_answered_as_one(void **state)
{
    (void)state;
    char body[256];
    char *path = test_file("octets", 6);
    snprintf(body, sizeof(body), "{\"references\":[\"env:DESK_VALUE\",\"file:%s\",\"env:DESK_VALUE\"]}", path);
    assert_int_equal(desk_ask("POST", "/v1/resolve", body), 200);
    assert_has(desk_body(), "\"value\":\"value\"");
    assert_has(desk_body(), "\"value\":\"octets\"");
    unlink(path);
    free(path);
}

static void more_fetches_than_a_user_has_are_put_off(void **state)
{
    (void)state;
    static const char three[] = "{\"references\":[\"env:DESK_A\",\"env:DESK_B\",\"env:DESK_C\"]}";
    assert_int_equal(desk_ask("POST", "/v1/resolve", three), 200);
    assert_int_equal(
        desk_ask("POST", "/v1/resolve", "{\"references\":[\"env:DESK_D\",\"env:DESK_E\",\"env:DESK_F\"]}"), 429);
    assert_non_null(desk_header("Retry-After"));
    assert_int_equal(desk_ask_foreign("POST", "/v1/resolve", three), 200);
    assert_int_equal(desk_ask("POST", "/v1/resolve", three), 200); /* which the cache knows to be missing */
}

static void what_the_policy_refuses_is_never_asked_for(void **state)
{
    (void)state;
    mstr_context_stats stats = {.size = sizeof(stats)};
    assert_int_equal(desk_ask("POST", "/v1/resolve", "{\"references\":[\"env:HOME\"]}"), 200);
    mstr_context_get_stats(desk.request.generation->context, &stats);
    assert_int_equal(stats.fetches, 0);
    assert_has(desk_body(), "denied");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(instances_are_asked_side_by_side_and_answered_as_one, begin, end),
        cmocka_unit_test_setup_teardown(more_fetches_than_a_user_has_are_put_off, begin, end),
        cmocka_unit_test_setup_teardown(what_the_policy_refuses_is_never_asked_for, begin, end),
    };
    return RUN_TESTS("agent/resolving");
}
