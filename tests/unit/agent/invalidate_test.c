/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/invalidate.c */
#include "desk.h"

static int begin(void **state)
{
    (void)state;
    desk_open("[agent]\nallow = env:DESK_*\n");
    setenv("DESK_VALUE", "canary", 1);
    return 0;
}

static int end(void **state)
{
    (void)state;
    desk_close();
    return 0;
}

static void outcomes_are_told_and_no_value(void **state)
{
    (void)state;
    assert_int_equal(
        desk_ask("POST", "/v1/invalidate", "{\"references\":[\"env:DESK_VALUE\",\"env:DESK_NONE\",\"env:HOME\"]}"),
        200);
    assert_has(desk_body(), "{\"results\":[{},{\"error\":{\"class\":\"not-found\"");
    assert_has(desk_body(), "denied");
    assert_has_not(desk_body(), "canary");
}

static void patterns_are_for_the_own_user(void **state)
{
    (void)state;
    assert_int_equal(desk_ask("POST", "/v1/invalidate", "{\"patterns\":[\"env:**\"]}"), 200);
    assert_int_equal(desk_ask("POST", "/v1/invalidate", "{\"patterns\":[\"nonsense\"]}"), 400);
    assert_int_equal(desk_ask_foreign("POST", "/v1/invalidate", "{\"patterns\":[\"env:**\"]}"), 403);
    assert_int_equal(desk_ask_foreign("POST", "/v1/invalidate", "{\"references\":[\"env:DESK_VALUE\"]}"), 200);
}

static void something_has_to_be_named(void **state)
{
    (void)state;
    assert_int_equal(desk_ask("POST", "/v1/invalidate", "{}"), 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(outcomes_are_told_and_no_value, begin, end),
        cmocka_unit_test_setup_teardown(patterns_are_for_the_own_user, begin, end),
        cmocka_unit_test_setup_teardown(something_has_to_be_named, begin, end),
    };
    return RUN_TESTS("agent/invalidate");
}
