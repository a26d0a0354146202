/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/json_read.c */
#include "base/json.h"
#include "support/json_parse.h"
#include "support/unit.h"

#include <stdlib.h>

static void well_formed_values_are_read(void **state)
{
    (void)state;
    static const char *const good[] = {"123",
                                       "-0.5e+10",
                                       "\"text\"",
                                       "true",
                                       "[]",
                                       "{}",
                                       " {\"a\" : [1, 2]} \r\n\t",
                                       "\"\\ud83d\\ude02\\u0000\"",
                                       "[\"a.b:c N I '\"]"};
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        struct json_object *value = json_parse(good[i], strlen(good[i]));
        assert_non_null(value);
        json_release(value);
    }
}

static void anything_else_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",           " ",        "null",      "{\"a\":1}x",  "{\"a\":1}{}", "[1,]",
        "{\"a\":1,}", "{'a':1}",  "['a']",     "nan",         "NaN",         "Infinity",
        "-Infinity",  "/*c*/1",   "[1]//c",    "01",          "1.",          "[1.]",
        ".5",         "-.5",      "+1",        "-",           "tru",         "True",
        "[1 2]",      "\"a\nb\"", "\"a\x01\"", "{\"a\"\v:1}", "\"\xff\"",    "\xef\xbb\xbf{}",
        "\"open",     "{\"a\"",   "[[]",       "{a:1}",       "\"a\\qb\"",   "1e",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_null(json_parse(bad[i], strlen(bad[i])));
    }
    assert_null(json_parse("{\"a\":1}\0", 8));
    assert_null(json_parse("\"a\0b\"", 5));
    assert_null(json_parse("{\"a\\u0000b\":1}", 14)); /* a name that would be cut */
    assert_null(json_parse("\"\\u12\"", 6));
}

/* As of a server that cuts a text after so many characters of Java. */
static void half_a_surrogate_pair_is_a_replacement_character(void **state)
{
    (void)state;
    static const char text[] = "[\"\\ud83d\", \"\\udE02x\", \"\\ud83d\\u0041\", \"\\ud83d\\ude02\"]";
    static const char *const texts[] = {"\xef\xbf\xbd", "\xef\xbf\xbdx", "\xef\xbf\xbd\x41", "\xf0\x9f\x98\x82"};
    struct json_object *array = json_parse(text, strlen(text));
    assert_non_null(array);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        assert_string_equal(json_object_get_string(json_object_array_get_idx(array, i)), texts[i]);
    }
    json_release(array);
}

static void a_fault_has_its_class(void **state)
{
    (void)state;
    struct json_object *value = NULL;
    assert_int_equal(json_read("[1]", 3, &value), MSTR_OK);
    json_release(value);
    assert_int_equal(json_read("[1", 2, &value), MSTR_E_PROTOCOL);
    assert_null(value);
}

static void nesting_is_bounded(void **state)
{
    (void)state;
    char text[401];
    memset(text, '[', 200);
    memset(text + 200, ']', 200);
    text[400] = '\0';
    assert_null(json_parse(text, 400));
    struct json_object *value = json_parse(text + 170, 60);
    assert_non_null(value);
    json_release(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(well_formed_values_are_read),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(half_a_surrogate_pair_is_a_replacement_character),
        cmocka_unit_test(a_fault_has_its_class),
        cmocka_unit_test(nesting_is_bounded),
    };
    return RUN_TESTS("base/json_read");
}
