/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/json_scan.c */
#include "base/json_scan.h"
#include "support/unit.h"

static void json_is_accepted_as_rfc_8259_has_it(void **state)
{
    (void)state;
    static const char *const good[] = {"0",
                                       "-0",
                                       "1.5e-3",
                                       "1E+9",
                                       " \t\r\n[ ] ",
                                       "{}",
                                       "\"\"",
                                       "true",
                                       "false",
                                       "null",
                                       "[1,[2,{}]]",
                                       "{\"a\":{\"b\":null}}",
                                       "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude02\"",
                                       "\"\x7f\xc3\xa9\""};
    static const char *const bad[] = {"",
                                      "01",
                                      "1.",
                                      ".5",
                                      "+1",
                                      "-",
                                      "1e",
                                      "NaN",
                                      "tru",
                                      "[1,]",
                                      "[,1]",
                                      "[1 2]",
                                      "{\"a\":1,}",
                                      "{a:1}",
                                      "{\"a\"}",
                                      "{\"a\":}",
                                      "'a'",
                                      "\"a",
                                      "\"\n\"",
                                      "\"\\x\"",
                                      "\"\\u12\"",
                                      "\"\\ud800\"",
                                      "\"\\udc00\"",
                                      "\"\\ud800\\u0041\"",
                                      "\"\xff\"",
                                      "1 2",
                                      "[1]]",
                                      "{}x",
                                      "[",
                                      "{",
                                      "{\"a\":1 \"b\":2}",
                                      "\"\\",
                                      "\xef\xbb\xbf{}"};
    struct json_span value;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_true(json_scan_check(good[i], strlen(good[i]), &value));
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_false(json_scan_check(bad[i], strlen(bad[i]), &value));
    }
    assert_false(json_scan_check("\"a\0\"", 4, &value));
}

static void depth_is_bounded(void **state)
{
    (void)state;
    char text[2 * (JSON_SCAN_DEPTH_MAX + 1)];
    struct json_span value;
    size_t deepest = JSON_SCAN_DEPTH_MAX;
    memset(text, '[', deepest);
    memset(text + deepest, ']', deepest);
    assert_true(json_scan_check(text, 2 * deepest, &value));
    memset(text, '[', deepest + 1);
    memset(text + deepest + 1, ']', deepest + 1);
    assert_false(json_scan_check(text, 2 * deepest + 2, &value));
}

/* Texts of exactly their length, so that a sanitizer sees any octet read past the end. */
static void cut_texts_are_refused_at_every_octet(void **state)
{
    (void)state;
    static const char text[] = "{\"a\\u00e9\\ud83d\\ude02\":[1.5e+3,true,null,\"x\\n\"]}";
    for (size_t length = 0; length < sizeof(text) - 1; length++) {
        char *cut = test_malloc(length + 1);
        struct json_span value;
        memcpy(cut, text, length);
        assert_false(json_scan_check(cut, length, &value));
        test_free(cut);
    }
}

static void elements_and_members_are_found_in_place(void **state)
{
    (void)state;
    static const char text[] = " {\"a\" : [10 , \"x\",{ }] , \"\\u0061b\":2, \"a\" : [ 1 ]}";
    struct json_span object;
    struct json_span value;
    assert_true(json_scan_check(text, sizeof(text) - 1, &object));
    assert_true(json_scan_member(object, "a", 1, &value));
    assert_memory_equal(value.at, "[ 1 ]", 5);
    assert_true(json_scan_element(value, 0, &value));
    assert_int_equal(value.end - value.at, 1);
    assert_true(json_scan_member(object, "ab", 2, &value));
    assert_int_equal(*value.at, '2');
    assert_false(json_scan_member(object, "b", 1, &value));
    assert_false(json_scan_member(object, "", 0, &value));
    assert_false(json_scan_element(object, 0, &value));
    assert_false(json_scan_member(value, "a", 1, &value));
}

static void an_array_is_walked_and_a_first_array_found(void **state)
{
    (void)state;
    static const char text[] = "{\"n\":1, \"s\":\"[\", \"list\" : [ 10 ,[2,3], {} ] , \"later\":[4]}";
    struct json_span object;
    struct json_span list;
    struct json_span item = {NULL, NULL};
    size_t count = 0;
    assert_true(json_scan_check(text, sizeof(text) - 1, &object));
    assert_true(json_scan_first_array(object, &list));
    while (json_scan_next(list, &item)) {
        count++;
    }
    assert_int_equal(count, 3);
    assert_memory_equal(item.at, "{}", 2);
    assert_false(json_scan_first_array(item, &list));
    item.end = NULL;
    assert_false(json_scan_next(object, &item)); /* no array */
}

static void a_fault_is_told_with_its_place_and_nothing_of_the_text(void **state)
{
    (void)state;
    static const struct {
        const char *text, *fault;
    } cases[] = {
        {"", "it is empty"},
        {" \n", "it is empty"},
        {"\xff", "it is not UTF-8"},
        {"canary", "there is no value, or one that is not whole, at octet 1"},
        {"{\"a\": canary}", "there is no value, or one that is not whole, at octet 7"},
        {"{\"a\": tru}", "there is no value, or one that is not whole, at octet 7"},
        {"{\"a\": \"canary", "a string does not end, or holds what none may, at octet 7"},
        {"{\"a\": \"can\nary\"}", "a string does not end, or holds what none may, at octet 7"},
        {"{\"a\": 1", "it ends too early, at octet 8"},
        {"{\"a\":", "it ends too early, at octet 6"},
        {"[", "it ends too early, at octet 2"},
        {"{\"a\": 1 \"canary\": 2}", "a comma or a bracket is missing, at octet 9"},
        {"{\"a\": 1, canary: 2}", "there is no name in quotes with a colon behind it, at octet 10"},
        {"{'canary': 2}", "there is no name in quotes with a colon behind it, at octet 2"},
        {"{\"a\": [1, {\"b\": canary}]}", "there is no value, or one that is not whole, at octet 17"},
        {"[1,]", "there is no value, or one that is not whole, at octet 4"},
        {"{\"a\": 1}}", "more follows the value, at octet 9"},
    };
    char deep[2 * JSON_SCAN_DEPTH_MAX];
    char fault[JSON_SCAN_FAULT_MAX];
    struct json_span value;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_false(json_scan_check(cases[i].text, strlen(cases[i].text), &value));
        json_scan_fault(cases[i].text, strlen(cases[i].text), fault);
        assert_string_equal(fault, cases[i].fault);
    }
    memset(deep, '[', sizeof(deep));
    json_scan_fault(deep, sizeof(deep), fault);
    assert_string_equal(fault, "it is nested too deep, at octet 65");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fault_is_told_with_its_place_and_nothing_of_the_text),
        cmocka_unit_test(json_is_accepted_as_rfc_8259_has_it),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(cut_texts_are_refused_at_every_octet),
        cmocka_unit_test(elements_and_members_are_found_in_place),
        cmocka_unit_test(an_array_is_walked_and_a_first_array_found),
    };
    return RUN_TESTS("base/json_scan");
}
