/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/secret.c */
#include "desk.h"

static int begin(void **state)
{
    (void)state;
    desk_open("[agent]\nallow = env:DESK_*\n");
    setenv("DESK_TEXT", "text", 1);
    setenv("DESK_OBJECT", "{\"a\":\"b\"}", 1);
    return 0;
}

static int end(void **state)
{
    (void)state;
    desk_close();
    return 0;
}

static void a_value_comes_as_it_is_with_its_age(void **state)
{
    (void)state;
    assert_int_equal(desk_ask("GET", "/v1/secret?reference=env:DESK_TEXT", ""), 200);
    assert_string_equal(desk_body(), "text");
    assert_string_equal(desk_header("Age"), "0");
    assert_string_equal(desk_header("X-Mstr-Source"), "store");
    assert_string_equal(desk.request.reply.type, "application/octet-stream");
}

static void an_object_needs_a_field_or_the_wish_for_all_of_it(void **state)
{
    (void)state;
    assert_int_equal(desk_ask("GET", "/v1/secret?reference=env:DESK_OBJECT", ""), 400);
    assert_has(desk_body(), "field-missing");
    assert_int_equal(desk_ask("GET", "/v1/secret?reference=env:DESK_OBJECT&whole=1", ""), 200);
    assert_string_equal(desk_body(), "{\"a\":\"b\"}");
    assert_int_equal(desk_ask("GET", "/v1/secret?reference=env:DESK_OBJECT&field=a", ""), 200);
    assert_string_equal(desk_body(), "b");
    assert_int_equal(desk_ask("GET", "/v1/secret?reference=env:DESK_OBJECT%23a", ""), 200);
    assert_string_equal(desk_body(), "b");
}

static void a_query_that_makes_no_sense_is_refused(void **state)
{
    (void)state;
    static const char *const queries[] = {"",
                                          "?",
                                          "?reference=",
                                          "?reference=env:DESK_TEXT&more=1",
                                          "?reference=env:DESK_TEXT&reference=env:DESK_TEXT",
                                          "?reference=env:DESK_OBJECT%23a&field=a",
                                          "?reference=env:DESK_TEXT&whole=perhaps",
                                          "?reference=env:DESK_TEXT&refresh",
                                          "?reference=%zz",
                                          "?reference=env:DESK%00TEXT"};
    for (size_t i = 0; i < COUNT_OF(queries); i++) {
        char target[128];
        snprintf(target, sizeof(target), "/v1/secret%s", queries[i]);
        assert_int_equal(desk_ask("GET", target, ""), 400);
    }
}

static void failures_have_their_statuses(void **state)
{
    (void)state;
    assert_int_equal(desk_ask("GET", "/v1/secret?reference=env:DESK_NONE", ""), 404);
    assert_int_equal(desk_ask("GET", "/v1/secret?reference=env:HOME", ""), 403);
    assert_int_equal(desk_ask("GET", "/v1/secret?reference=nobody:x", ""), 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_value_comes_as_it_is_with_its_age, begin, end),
        cmocka_unit_test_setup_teardown(an_object_needs_a_field_or_the_wish_for_all_of_it, begin, end),
        cmocka_unit_test_setup_teardown(a_query_that_makes_no_sense_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(failures_have_their_statuses, begin, end),
    };
    return RUN_TESTS("agent/secret");
}
