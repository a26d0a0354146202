/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/resolve.c */
#include "desk.h"

static int begin(void **state)
{
    (void)state;
    desk_open("[agent]\nallow = env:DESK_* file:/tmp/**\nreferences = 3\nprofiles = p\n[profile p]\nusername = jane\n"
              "[profile other]\nusername = jane\n");
    setenv("DESK_VALUE", "va\"lue", 1);
    return 0;
}

static int end(void **state)
{
    (void)state;
    desk_close();
    return 0;
}

static void values_and_failures_come_in_order(void **state)
{
    (void)state;
    assert_int_equal(
        desk_ask("POST", "/v1/resolve", "{\"references\":[\"env:DESK_NONE\",\"env:DESK_VALUE\",\"env:HOME\"]}"), 200);
    assert_has(desk_body(), "{\"results\":[{\"error\":{\"class\":\"not-found\",\"message\":");
    assert_has(desk_body(), "\"provider\":\"env\"}},{\"value\":\"va\\\"lue\",\"fresh_for\":0,\"fetched\":");
    assert_has(desk_body(), "\"source\":\"store\",\"stale\":false},{\"error\":{\"class\":\"denied\"");
}

static void what_is_no_text_comes_in_base64(void **state)
{
    (void)state;
    char body[128];
    char *path = test_file("\xff\0x", 3);
    snprintf(body, sizeof(body), "{\"references\":[\"file:%s\"]}", path);
    assert_int_equal(desk_ask("POST", "/v1/resolve", body), 200);
    assert_has(desk_body(), "{\"value_base64\":\"/wB4\",");
    unlink(path);
    free(path);
}

static void a_field_is_cut_out(void **state)
{
    (void)state;
    setenv("DESK_OBJECT", "{\"a\":\"b\"}", 1);
    assert_int_equal(desk_ask("POST", "/v1/resolve", "{\"references\":[\"env:DESK_OBJECT#a\"]}"), 200);
    assert_has(desk_body(), "{\"value\":\"b\",");
}

static void no_reference_has_no_result(void **state)
{
    (void)state;
    assert_int_equal(desk_ask("POST", "/v1/resolve", "{\"references\":[]}"), 200);
    assert_string_equal(desk_body(), "{\"results\":[]}\n");
    assert_int_equal(desk_ask("POST", "/v1/resolve", "{}"), 400);
    assert_int_equal(desk_ask("POST", "/v1/resolve", "{\"references\":[\"a:b\",\"a:b\",\"a:b\",\"a:b\"]}"), 429);
}

static void a_caller_with_other_settings_gets_no_value(void **state)
{
    (void)state;
    assert_int_equal(
        desk_ask("POST", "/v1/resolve",
                 "{\"references\":[\"env:DESK_VALUE\"],\"fingerprints\":{\"env\":{\"plugin\":\"other\"}}}"),
        409);
    assert_has(desk_body(), "\"scheme\":\"env\",\"key\":\"plugin\"");
    assert_has_not(desk_body(), "lue");
    assert_int_equal(
        desk_ask("POST", "/v1/resolve", "{\"references\":[],\"profiles\":{\"p\":{\"profile username\":\"joe\"}}}"),
        409);
    assert_has(desk_body(), "\"profile\":\"p\",\"key\":\"profile username\"");
    assert_has_not(desk_body(), "jane");
    assert_int_equal(desk_ask("POST", "/v1/resolve",
                              "{\"references\":[],\"profiles\":{\"other\":{\"profile username\":\"joe\"}}}"),
                     403); /* whatever it is like */
    assert_has_not(desk_body(), "profile username");
    assert_int_equal(desk_ask("POST", "/v1/resolve", "{\"references\":[],\"profiles\":[]}"), 400);
    assert_int_equal(desk_ask("POST", "/v1/resolve", "{\"references\":[],\"fingerprints\":[]}"), 400);
    assert_int_equal(desk_ask("POST", "/v1/resolve", "{\"references\":[],\"fingerprints\":{\"nobody\":{}}}"), 409);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(values_and_failures_come_in_order, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_text_comes_in_base64, begin, end),
        cmocka_unit_test_setup_teardown(a_field_is_cut_out, begin, end),
        cmocka_unit_test_setup_teardown(no_reference_has_no_result, begin, end),
        cmocka_unit_test_setup_teardown(a_caller_with_other_settings_gets_no_value, begin, end),
    };
    return RUN_TESTS("agent/resolve");
}
