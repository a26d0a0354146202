/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/json.c */
#include "base/json.h"
#include "support/json_parse.h"
#include "support/unit.h"

#include <stdlib.h>

static void members_are_given_by_type(void **state)
{
    (void)state;
    static const char text[] =
        "{\"s\":\"a\\u0000b\",\"n\":42,\"f\":3599.0,\"h\":1.5,\"d\":\"-7\",\"x\":\"7x\",\"t\":true,"
        "\"z\":null,\"big\":99999999999999999999,\"huge\":1e300,\"o\":{}}";
    struct json_object *object = json_parse(text, sizeof(text) - 1);
    size_t length = 0;
    int64_t number = 0;
    bool flag = false;
    assert_non_null(object);

    assert_memory_equal(json_member_octets(object, "s", &length), "a\0b", 4);
    assert_int_equal(length, 3);
    assert_null(json_member_text(object, "n"));
    assert_null(json_member_text(object, "missing"));
    assert_null(json_member(object, "z"));
    assert_null(json_member(NULL, "z"));
    assert_null(json_member_text(json_member(object, "n"), "inner"));

    assert_true(json_member_int64(object, "n", &number));
    assert_int_equal(number, 42);
    assert_true(json_member_int64(object, "f", &number));
    assert_int_equal(number, 3599);
    assert_true(json_member_int64(object, "d", &number));
    assert_int_equal(number, -7);
    static const char *const no_numbers[] = {"x", "h", "t", "z", "o", "big", "huge", "missing"};
    for (size_t i = 0; i < COUNT_OF(no_numbers); i++) {
        assert_false(json_member_int64(object, no_numbers[i], &number));
    }
    assert_true(json_member_bool(object, "t", &flag));
    assert_true(flag);
    assert_false(json_member_bool(object, "n", &flag));
    json_release(object);
}

/* json-c keeps short strings within the object and long ones apart; both must be overwritten before they are freed,
 * so the test holds the tree with a second reference and looks at them after the release. */
static void releasing_wipes_every_text(void **state)
{
    (void)state;
    static const char text[] =
        "{\"short\":\"tiny pw\",\"long\":[\"a password so long that it does not fit within\"],\"n\":12.25}";
    struct json_object *object = json_parse(text, sizeof(text) - 1);
    struct json_object *inner = json_object_array_get_idx(json_member(object, "long"), 0);
    const char *brief = json_member_text(object, "short");
    const char *extended = json_object_get_string(inner);
    const char *digits = json_object_get_userdata(json_member(object, "n"));
    assert_string_equal(digits, "12.25");
    json_object_get(object);

    json_release(object);

    static const char zeros[64];
    assert_memory_equal(brief, zeros, 7);
    assert_memory_equal(extended, zeros, 45);
    assert_memory_equal(digits, zeros, 5);
    json_object_put(object);
    json_release(NULL);
}

static void strings_are_written_escaped(void **state)
{
    (void)state;
    static const struct {
        const char *octets;
        size_t length;
        const char *json;
    } cases[] = {
        {"", 0, "\"\""},
        {"plain", 5, "\"plain\""},
        {"q\"b\\n\n\t\r\b\f", 10, "\"q\\\"b\\\\n\\n\\t\\r\\b\\f\""},
        {"\0\x1f/\x7f\xc3\xa9", 6, "\"\\u0000\\u001f/\x7f\xc3\xa9\""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = BUFFER_INIT;
        assert_true(json_put_string(&out, cases[i].octets, cases[i].length));
        assert_string_equal(buffer_text(&out), cases[i].json);
        buffer_release(&out);
    }
}

static void members_are_written_with_what_goes_before_them(void **state)
{
    (void)state;
    struct buffer out = BUFFER_INIT;
    assert_true(json_put_member(&out, "absent", NULL));
    assert_true(json_put_member(&out, "a", "1"));
    assert_true(json_put_member(&out, "absent", NULL));
    assert_true(json_put_member(&out, "b\"", "\n"));
    assert_string_equal(buffer_text(&out), "{\"a\":\"1\",\"b\\\"\":\"\\n\"");
    buffer_release(&out);
}

static void a_text_with_nuls_is_no_c_string_and_can_be_shown_whole(void **state)
{
    static const char text[] = "{\"a\":\"x\\u0000y\",\"b\":[\"\\u0000\",\"plain\",1]}";
    struct json_object *json = json_parse(text, strlen(text));
    (void)state;
    assert_null(json_member_text(json, "a"));
    assert_null(json_text(json_member(json, "b")));

    json_show_nuls(json, text, strlen(text));

    assert_string_equal(json_member_text(json, "a"), "x\xEF\xBF\xBDy");
    assert_string_equal(json_text(json_object_array_get_idx(json_member(json, "b"), 0)), "\xEF\xBF\xBD");
    assert_string_equal(json_text(json_object_array_get_idx(json_member(json, "b"), 1)), "plain");
    json_release(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_with_nuls_is_no_c_string_and_can_be_shown_whole),
        cmocka_unit_test(members_are_given_by_type),
        cmocka_unit_test(releasing_wipes_every_text),
        cmocka_unit_test(strings_are_written_escaped),
        cmocka_unit_test(members_are_written_with_what_goes_before_them),
    };
    return RUN_TESTS("base/json");
}
