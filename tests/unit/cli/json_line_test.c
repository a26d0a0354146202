/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/json_line.c: objects of scalars, and what is none */
#include "cli/json_line.h"

#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

static void an_object_of_scalars_is_read_in_place(void **state)
{
    static const struct {
        const char *line;
        const char *members; /* "name=text|", ~ for null; or what is wrong */
    } cases[] = {
        {"{}", ""},
        {" {\"a\" : 1.50, \"b\":null,\"c\":true ,\"d\":\"\"}\r", "a=1.50|b=~|c=true|d=|"},
        {"{\"a\\n\\u00fc\":\"\\ud83d\\ude00\\\"\\/\\u20ac\"}", "a\nü=😀\"/€|"},
        {"{\"a\":-1e3}", "a=-1e3|"},
        {"", "it is no object"},
        {"[1]", "it is no object"},
        {"{\"a\":[1]}", "a value is no text, number, truth value or null"},
        {"{\"a\":nul}", "a value is no text, number, truth value or null"},
        {"{\"a\":}", "a value is no text, number, truth value or null"},
        {"{\"a\" 1}", "a colon is missing"},
        {"{\"a\":1 \"b\":2}", "a comma is missing"},
        {"{\"a\":1", "a comma is missing"},
        {"{\"a\":1,}", "a text is missing"},
        {"{\"a\":\"b", "a text has no end"},
        {"{\"a\":\"\\x\"}", "an escape is malformed"},
        {"{\"a\":\"\\ud83d\"}", "an escape is malformed"},
        {"{\"a\":\"\\u12", "an escape is malformed"},
        {"{\"a\":\"\t\"}", "a control character is not escaped"},
        {"{\"a\":-0.5e+10,\"b\":0}", "a=-0.5e+10|b=0|"},
        {"{\"a\":1..2}", "a value is no text, number, truth value or null"},
        {"{\"a\":01}", "a value is no text, number, truth value or null"},
        {"{\"a\":-}", "a value is no text, number, truth value or null"},
        {"{\"a\":1e}", "a value is no text, number, truth value or null"},
        {"{\"a\":1} x", "something stands behind the object"},
        {"{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1}", "it has too many members"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct json_line_member members[4];
        size_t count = 0;
        size_t length = strlen(cases[i].line);
        char *line = malloc(length + 1); /* of its very length: no NUL is behind it */
        char seen[256] = "";
        memcpy(line, cases[i].line, length);
        const char *wrong = json_line_read(line, length, members, 4, &count);
        for (size_t k = 0; wrong == NULL && k < count; k++) {
            size_t at = strlen(seen);
            snprintf(seen + at, sizeof seen - at, "%.*s=%.*s|", (int)members[k].name_length, members[k].name,
                     members[k].text != NULL ? (int)members[k].length : 1,
                     members[k].text != NULL ? members[k].text : "~");
        }
        assert_string_equal(wrong != NULL ? wrong : seen, cases[i].members);
        free(line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(an_object_of_scalars_is_read_in_place)};
    return RUN_TESTS("cli/json_line");
}
