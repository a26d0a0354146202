/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/text.c */
#include "base/text.h"
#include "support/unit.h"

#include <stdlib.h>

static void comparisons_without_case_follow_ascii_alone(void **state)
{
    (void)state;
    assert_true(text_equal_nocase("Content-TYPE", "content-type"));
    assert_true(text_equal_nocase("", ""));
    assert_false(text_equal_nocase("a", "ab"));
    assert_false(text_equal_nocase("ab", "a"));
    assert_false(text_equal_nocase("\xc3\x84", "\xc3\xa4"));
    assert_false(text_equal_nocase("[", "{"));
    assert_int_equal(text_compare_nocase("Content-TYPE", "content-type"), 0);
    assert_true(text_compare_nocase("B", "a") > 0 && text_compare_nocase("A", "b") < 0);
    assert_true(text_compare_nocase("a", "AB") < 0 && text_compare_nocase("a\xff", "A") > 0);
    assert_true(text_equal_nocase_length("LIBRARY.example", "library:x", 7));
    assert_false(text_equal_nocase_length("LIBRARY.example", "library:x", 8));
    assert_true(text_equal_nocase_length("Id", "iD", 9));
    assert_false(text_equal_nocase_length("I", "ID", 2));
    assert_true(text_equal_nocase_length("a", "b", 0));
}

static void capitals_are_made_small_by_ascii_alone(void **state)
{
    (void)state;
    char text[] = "AZaz[@\xc3\x84 TITLE";
    text_lower(text);
    assert_string_equal(text, "azaz[@\xc3\x84 title");
}

static void prefixes_and_suffixes_are_found(void **state)
{
    (void)state;
    assert_true(text_starts_with("aws-sm:x", "aws-sm:"));
    assert_false(text_starts_with("aws", "aws-sm:"));
    assert_true(text_starts_with("x", ""));
    assert_true(text_ends_with("a.conf", ".conf"));
    assert_false(text_ends_with("conf", ".conf"));
    assert_true(text_empty(NULL));
    assert_true(text_empty(""));
    assert_false(text_empty(" "));
}

static void copies_belong_to_the_caller(void **state)
{
    (void)state;
    assert_null(text_copy(NULL));
    assert_null(text_copy_length(NULL, 3));
    char *copy = text_copy_length("abcdef", 3);
    assert_string_equal(copy, "abc");
    text_wipe_free(copy);
    text_wipe_free(NULL);
}

static void trimming_cuts_white_space_at_both_ends(void **state)
{
    (void)state;
    char text[] = " \t a b\r\n ";
    assert_string_equal(text_trim(text), "a b");
    char blank[] = " \n";
    assert_string_equal(text_trim(blank), "");
}

static void decimal_numbers_are_read_whole_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
        int64_t number;
    } cases[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"007", true, 7},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"99999999999999999999999", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {"+1", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"0x10", false, 0},
        {"1.0", false, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t number = 0;
        assert_int_equal(text_to_int64(cases[i].text, &number), cases[i].good);
        assert_int_equal(number, cases[i].number);
    }
}

static void characters_are_checked_against_a_list(void **state)
{
    (void)state;
    assert_true(text_is_made_of("Az09_-", "_-"));
    assert_true(text_is_made_of("", ""));
    assert_false(text_is_made_of("a b", "_-"));
    assert_false(text_is_made_of("\xc3\xa9", "_-"));
}

struct list {
    const char *const *at;
};

static const char *next_word(void *data)
{
    struct list *list = data;
    return *list->at != NULL ? *list->at++ : NULL;
}

static void the_nearest_word_is_suggested_if_it_may_be_meant(void **state)
{
    (void)state;
    static const char *const words[] = {"username", "password", "base_url", "ca_file", "ttl", NULL};
    static const struct {
        const char *word;
        const char *nearest;
    } cases[] = {
        {"pasword", "password"},
        {"passwrod", "password"},
        {"USERNAME", "username"},
        {"baseurl", "base_url"},
        {"tll", "ttl"},
        {"zebra", NULL},
        {"", NULL},
        {"q", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct list list = {words};
        const char *nearest = text_nearest(cases[i].word, next_word, &list);
        if (cases[i].nearest == NULL) {
            assert_null(nearest);
        } else {
            assert_string_equal(nearest, cases[i].nearest);
        }
    }
}

static void utf8_is_checked_as_rfc_3629_has_it(void **state)
{
    (void)state;
    static const struct {
        const char *octets;
        bool good;
    } cases[] = {
        {"plain", true},
        {"\xc2\x80 \xdf\xbf", true},
        {"\xe0\xa0\x80 \xed\x9f\xbf \xef\xbf\xbf", true},
        {"\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf", true},
        {"\x80", false},             /* continuation alone */
        {"\xc0\xaf", false},         /* overlong */
        {"\xe0\x9f\xbf", false},     /* overlong */
        {"\xf0\x8f\xbf\xbf", false}, /* overlong */
        {"\xed\xa0\x80", false},     /* surrogate */
        {"\xf4\x90\x80\x80", false}, /* past U+10FFFF */
        {"\xf5\x80\x80\x80", false},
        {"\xe2\x82", false}, /* cut short */
        {"\xe2\x28\xa1", false},
        {"\xe2\x82\x28", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(text_is_utf8(cases[i].octets, strlen(cases[i].octets)), cases[i].good);
    }
    assert_false(text_is_utf8("a\0b", 3));
    assert_true(text_is_utf8("", 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comparisons_without_case_follow_ascii_alone),
        cmocka_unit_test(capitals_are_made_small_by_ascii_alone),
        cmocka_unit_test(prefixes_and_suffixes_are_found),
        cmocka_unit_test(copies_belong_to_the_caller),
        cmocka_unit_test(trimming_cuts_white_space_at_both_ends),
        cmocka_unit_test(decimal_numbers_are_read_whole_or_refused),
        cmocka_unit_test(characters_are_checked_against_a_list),
        cmocka_unit_test(the_nearest_word_is_suggested_if_it_may_be_meant),
        cmocka_unit_test(utf8_is_checked_as_rfc_3629_has_it),
    };
    return RUN_TESTS("base/text");
}
