/* SPDX-License-Identifier: Apache-2.0 */
/* core/secret/escape.c */
#include "secret/escape.h"

#include "support/unit.h"

static void each_escape_is_read_and_what_is_none_stands_for_itself(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *read;
        size_t taken;
    } cases[] = {
        {"a", "a", 1},     {"%41b", "A", 3},    {"%4", "%", 1},
        {"%4g", "%", 1},   {"&amp;x", "&", 5},  {"&am", "&", 1},
        {"&#99;", "c", 5}, {"&#x63;", "c", 6},  {"&#246;", "\xc3\xb6", 6},
        {"&#;", "&", 1},   {"&#99", "&", 1},    {"&#1114112;", "&", 1},
        {"\\\"", "\"", 2}, {"\\u0063", "c", 6}, {"\\u00", "\\", 1},
        {"\\c", "c", 2},   {"\\", "\\", 1},     {"\\ud83d\\ude00", "\xf0\x9f\x98\x80", 12},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char out[4];
        size_t length = 0;
        const char *next = escape_read(cases[i].text, cases[i].text + strlen(cases[i].text), out, &length);
        print_message("           %s\n", cases[i].text);
        assert_int_equal(next - cases[i].text, cases[i].taken);
        assert_int_equal(length, strlen(cases[i].read));
        assert_memory_equal(out, cases[i].read, length);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_escape_is_read_and_what_is_none_stands_for_itself),
    };
    return RUN_TESTS("secret/escape");
}
