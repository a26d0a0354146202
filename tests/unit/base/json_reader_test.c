/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/json_reader.c */
#include "base/json_reader.h"

#include "support/unit.h"

static struct json_reader reader_of(const char *text)
{
    return json_reader_of((struct json_span){text, text + strlen(text)});
}

static void members_and_elements_come_in_their_order(void **state)
{
    struct json_reader reader = reader_of(" { \"a\" : [ 7 , 12 ] , \"b\" : {} , \"c\" : \"x\" } ");
    struct json_span name;
    uint32_t number = 0;
    (void)state;

    assert_true(json_reader_enter(&reader, '{'));
    assert_true(json_reader_member(&reader, &name));
    assert_true(json_span_is(name, "a"));
    assert_true(json_reader_enter(&reader, '['));
    assert_true(json_reader_element(&reader) && json_reader_index(&reader, &number));
    assert_int_equal(number, 7);
    assert_true(json_reader_element(&reader) && json_reader_index(&reader, &number));
    assert_int_equal(number, 12);
    assert_false(json_reader_element(&reader));
    assert_true(json_reader_member(&reader, &name));
    assert_true(json_reader_enter(&reader, '{'));
    assert_false(json_reader_member(&reader, &name));
    assert_true(json_reader_member(&reader, &name));
    assert_false(json_reader_enter(&reader, '['));
    assert_true(json_span_is(json_reader_pass(&reader), "x"));
    assert_false(json_reader_member(&reader, &name));
    assert_false(json_reader_failed(&reader));
}

static void what_is_malformed_ends_the_reading_for_good(void **state)
{
    static const char *const texts[] = {"[1,]", "[,1]", "[1 2]", "[1", "[", "[1}", "[tru]", "[\"a]", "[1,2"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct json_reader reader = reader_of(texts[i]);
        assert_true(json_reader_enter(&reader, '['));
        while (json_reader_element(&reader)) {
            json_reader_pass(&reader);
        }
        assert_true(json_reader_failed(&reader));
        assert_false(json_reader_element(&reader));
        assert_null(json_reader_pass(&reader).at);
        assert_false(json_reader_enter(&reader, '['));
    }
}

static void members_need_names_and_colons(void **state)
{
    static const char *const texts[] = {"{1:2}",  "{\"a\"}", "{\"a\" 1}",        "{\"a\":1,}",
                                        "{\"a\"", "{",       "{\"a\":1 \"b\":2}"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct json_reader reader = reader_of(texts[i]);
        struct json_span name;
        assert_true(json_reader_enter(&reader, '{'));
        while (json_reader_member(&reader, &name)) {
            json_reader_pass(&reader);
        }
        assert_true(json_reader_failed(&reader));
    }
}

static void indexes_are_whole_numbers_that_fit(void **state)
{
    static const char *const none[] = {"-1", "1.5", "1e2", "4294967296", "01", "\"1\"", "null", ""};
    struct json_reader reader = reader_of("4294967295");
    uint32_t number = 7;
    (void)state;
    assert_true(json_reader_index(&reader, &number));
    assert_int_equal(number, UINT32_MAX);
    for (size_t i = 0; i < COUNT_OF(none); i++) {
        reader = reader_of(none[i]);
        number = 7;
        assert_false(json_reader_index(&reader, &number));
        assert_int_equal(number, 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_and_elements_come_in_their_order),
        cmocka_unit_test(what_is_malformed_ends_the_reading_for_good),
        cmocka_unit_test(members_need_names_and_colons),
        cmocka_unit_test(indexes_are_whole_numbers_that_fit),
    };
    return RUN_TESTS("base/json_reader");
}
