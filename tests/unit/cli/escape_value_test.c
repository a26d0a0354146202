/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/escape_value.c */
#include "cli/escape_value.h"

#include "support/unit.h"

#include <string.h>

static void values_are_written_as_the_syntax_wants_them(void **state)
{
    (void)state;
    static const struct {
        enum escape escape;
        const char *value, *written;
    } cases[] = {
        {ESCAPE_NONE, "a\"'<&\n\x01\xFF", "a\"'<&\n\x01\xFF"},
        {ESCAPE_JSON, "a\"b\\c/\n\t\x01\xC3\xA4", "a\\\"b\\\\c/\\n\\t\\u0001\xC3\xA4"},
        {ESCAPE_YAML, "a: \"b\"\xE2\x80\xA8\xF0\x9F\x98\x80\x7F", "a: \\\"b\\\"\\u2028\xF0\x9F\x98\x80\\u007f"},
        {ESCAPE_SHELL, "a'b $(c) \\", "'a'\\''b $(c) \\'"},
        {ESCAPE_SHELL, "", "''"},
        {ESCAPE_XML, "<a b='\"'>&\n", "&lt;a b=&apos;&quot;&apos;&gt;&amp;&#10;"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct octets out = {0};
        assert_null(escape_value(cases[i].escape, cases[i].value, strlen(cases[i].value), &out));
        assert_string_equal(out.data, cases[i].written);
        octets_release(&out);
    }
}

static void what_a_syntax_cannot_hold_is_refused(void **state)
{
    (void)state;
    static const enum escape all[] = {ESCAPE_JSON, ESCAPE_YAML, ESCAPE_XML};
    struct octets out = {0};
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        assert_string_equal(escape_value(all[i], "a\xFF", 2, &out), "octets that are no UTF-8");
    }
    assert_non_null(escape_value(ESCAPE_XML, "a\x01", 2, &out));
    assert_non_null(escape_value(ESCAPE_XML, "a\0", 2, &out));
    assert_non_null(escape_value(ESCAPE_SHELL, "a\0", 2, &out));
    octets_release(&out);
}

static void they_have_names(void **state)
{
    (void)state;
    enum escape escape = ESCAPE_NONE;
    assert_true(escape_named("xml", &escape));
    assert_int_equal(escape, ESCAPE_XML);
    assert_false(escape_named("", &escape));
    assert_false(escape_named("html", &escape));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_written_as_the_syntax_wants_them),
        cmocka_unit_test(what_a_syntax_cannot_hold_is_refused),
        cmocka_unit_test(they_have_names),
    };
    return RUN_TESTS("cli/escape_value");
}
