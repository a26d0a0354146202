/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/env_file.c */
#include "cli/env_file.h"

#include "unit/cli/harness.h"

#include <stdio.h>

static char told[512];

static enum mstr_code note(const char *name, const char *value, bool literal, void *data)
{
    (void)data;
    size_t length = strlen(told);
    snprintf(told + length, sizeof told - length, "%s%s[%s]", name, literal ? "!" : "", value);
    return strcmp(name, "STOP") == 0 ? MSTR_E_DENIED : MSTR_OK;
}

struct reading {
    enum mstr_code code;
    char message[512];
};

static struct reading read_text(const char *text, size_t length)
{
    struct tool tool = harness_tool(&command_run);
    struct reading reading = {MSTR_OK, ""};
    told[0] = '\0';
    harness_write("file", text, length);
    reading.code = env_file_read(&tool, harness_path("file"), note, NULL);
    snprintf(reading.message, sizeof reading.message, "%s", mstr_error_message(tool.error));
    harness_tool_free(&tool);
    return reading;
}

static void lines_are_read_as_the_grammar_has_them(void **state)
{
    (void)state;
    static const struct {
        const char *text, *told;
    } cases[] = {
        {"", ""},
        {"A=1", "A[1]"},
        {"A=1\nB=2\n", "A[1]B[2]"},
        {"A=1\r\nB=\r\n", "A[1]B[]"},
        {"\xEF\xBB\xBF"
         "A=1\n",
         "A[1]"},
        {"# A=1\n\n \t\n  # x\nB=2 # not a comment\n", "B[2 # not a comment]"},
        {"export A=1\nexport\t B=2\nexport=3\n", "A[1]B[2]export[3]"},
        {"A='a \\n \"${env:X}\" # '  \n", "A![a \\n \"${env:X}\" # ]"},
        {"A=\"a\\n\\\"b\\\\ ${env:X}\"\n", "A[a\n\"b\\ ${env:X}]"},
        {"A= x \n", "A[ x ]"},
        {"A=x'y\"z\\n\n", "A[x'y\"z\\n]"},
        {"A=1\na=2\n_9=3", "A[1]a[2]_9[3]"},
        {"A=''\nB=\"\"", "A![]B[]"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct reading reading = read_text(cases[i].text, strlen(cases[i].text));
        assert_string_equal(reading.message, "");
        assert_int_equal(reading.code, MSTR_OK);
        assert_string_equal(told, cases[i].told);
    }
}

static void what_is_wrong_is_told_with_its_line_and_without_its_value(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
        size_t length;
    } cases[] = {
        {"A=1\n\nA=canary\n", ":3: A is set twice in this file", 0},
        {"A=1\ncanary\n", ":2: a line is NAME=VALUE, or begins with #", 0},
        {"A B=canary\n", ":1: a line is NAME=VALUE", 0},
        {"9A=canary\n", ":1: a line is NAME=VALUE", 0},
        {"A ='canary\n", ":1: a line is NAME=VALUE", 0},
        {"A='canary\nB=1'\n", ":1: the quote at the value's beginning is not closed in this line", 0},
        {"A=\"canary\\\"", ":1: the quote at the value's beginning is not closed in this line", 0},
        {"A='canary' x\n", ":1: more follows the quote at the value's end", 0},
        {"A=\"canary\\t\"\n", ":1: in double quotes, \\ stands before n, \" or \\ alone", 0},
        {"A=1\nB=can\0ary\n", ":2: there is a NUL in it", 14},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t length = cases[i].length != 0 ? cases[i].length : strlen(cases[i].text);
        struct reading reading = read_text(cases[i].text, length);
        assert_int_equal(reading.code, MSTR_E_CONFIG);
        assert_non_null(strstr(reading.message, cases[i].message));
        assert_null(strstr(reading.message, "canary"));
    }
}

static void whoever_hears_of_a_variable_may_end_it(void **state)
{
    (void)state;
    assert_int_equal(read_text("A=1\nSTOP=2\nB=3\n", 15).code, MSTR_E_DENIED);
    assert_string_equal(told, "A[1]STOP[2]");
}

static void a_file_that_is_not_there_is_told(void **state)
{
    (void)state;
    struct tool tool = harness_tool(&command_run);
    assert_int_equal(env_file_read(&tool, "/nowhere/file", note, NULL), MSTR_E_CONFIG);
    assert_string_equal(mstr_error_message(tool.error), "/nowhere/file: No such file or directory");
    harness_tool_free(&tool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(lines_are_read_as_the_grammar_has_them),
        CLI_TEST(what_is_wrong_is_told_with_its_line_and_without_its_value),
        CLI_TEST(whoever_hears_of_a_variable_may_end_it),
        CLI_TEST(a_file_that_is_not_there_is_told),
    };
    return RUN_CLI_TESTS("cli/env_file");
}
