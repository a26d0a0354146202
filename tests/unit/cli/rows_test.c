/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/rows.c: columns by the first line, nulls, rows of another width */
#include "cli/rows.h"

#include "cli/output.h"
#include "unit/cli/harness.h"

static const struct command command = {.name = "push"};

/* Writes the columns, then each row, with ~ for a null. */
static int show(void *data)
{
    struct tool tool = harness_tool(&command);
    struct rows rows = {.null = "none", .json = strstr(data, ".jsonl") != NULL};
    bool more = true;
    int status = rows_open(&rows, &tool, data);
    for (size_t i = 0; status == STATUS_DONE && i < rows.columns.count; i++) {
        output_printf(output_data, "%s|", rows.columns.items[i]);
    }
    while (status == STATUS_DONE && (status = rows_next(&rows, &more)) == STATUS_DONE && more) {
        output_puts(output_data, "\n");
        for (size_t i = 0; i < rows.columns.count; i++) {
            const mstr_upload_field *field = &rows.fields[i];
            output_write(output_data, field->text != NULL ? field->text : "~",
                         field->text != NULL ? field->length : 1);
            output_puts(output_data, "|");
        }
    }
    rows_close(&rows);
    harness_tool_free(&tool);
    return status;
}

static const struct outcome *read_text(const char *text)
{
    harness_write("rows.csv", text, strlen(text));
    return harness_call(show, (void *)(uintptr_t)harness_path("rows.csv"));
}

static void the_first_line_names_the_columns(void **state)
{
    (void)state;
    assert_outcome(read_text("a,b\n1,\n\n\"\",none\n\"none\",x\n"), STATUS_DONE, "a|b|\n1|~|\n|~|\nnone|x|", "");
    assert_outcome(read_text("a\n\nx\n"), STATUS_DONE, "a|\n~|\nx|", "");
    harness_input("a\n1\n", 4);
    assert_outcome(harness_call(show, (char[]){"-"}), STATUS_DONE, "a|\n1|", "");
}

static const struct outcome *read_lines(const char *text)
{
    harness_write("rows.jsonl", text, strlen(text));
    return harness_call(show, (void *)(uintptr_t)harness_path("rows.jsonl"));
}

static void the_first_objects_name_the_columns(void **state)
{
    (void)state;
    assert_outcome(read_lines("\n{\"a\":1,\"b\":\"x\"}\r\n\n{\"b\":\"\",\"a\":null}\n{}"), STATUS_DONE,
                   "a|b|\n1|x|\n~||\n~|~|", "");
    const struct outcome *done = read_lines("{\"a\":1}\n\n{\"a\":[]}\n");
    assert_non_null(strstr(done->errors, "rows.jsonl, line 3: a value is no text"));
    assert_int_equal(read_lines("\n")->status, STATUS_USAGE);
}

static void a_member_that_comes_later_is_a_column_too(void **state)
{
    (void)state;
    assert_outcome(read_lines("{\"a\":\"\\n\"}\n{\"c\":1,\"a\":2}\n{\"b\":3}"), STATUS_DONE,
                   "a|c|b|\n\n|~|~|\n2|1|~|\n~|~|3|", "");
}

/* As many as a sample of rows has. */
static void one_that_comes_behind_the_lines_that_name_is_told(void **state)
{
    enum { LINES = 10001, LINE = 8 };
    static char text[LINES * LINE + 32];
    (void)state;
    for (size_t i = 0; i < LINES; i++) {
        memcpy(text + i * LINE, "{\"a\":1}\n", LINE);
    }
    strcpy(text + (size_t)LINES * LINE, "{\"b\":1}\n");
    const struct outcome *done = read_lines(text);
    assert_int_equal(done->status, STATUS_USAGE);
    assert_non_null(strstr(done->errors, "line 10002: none of the lines that name the columns has a member of this"));
}

static void what_is_no_table_is_told_with_its_line(void **state)
{
    static const struct {
        const char *text;
        const char *told;
    } cases[] = {
        {"", "is empty: its first line names the columns"},
        {"a,b\n1\n", "rows.csv, line 2: there are 1 fields, not 2"},
        {"a\"b\n", "rows.csv, line 1: there is a quote within"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct outcome *done = read_text(cases[i].text);
        assert_int_equal(done->status, STATUS_USAGE);
        assert_non_null(strstr(done->errors, cases[i].told));
    }
    const struct outcome *done = harness_call(show, (void *)(uintptr_t)harness_path("none"));
    assert_int_equal(done->status, STATUS_UNEXPECTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(the_first_line_names_the_columns),
        CLI_TEST(the_first_objects_name_the_columns),
        CLI_TEST(a_member_that_comes_later_is_a_column_too),
        CLI_TEST(one_that_comes_behind_the_lines_that_name_is_told),
        CLI_TEST(what_is_no_table_is_told_with_its_line),
    };
    return RUN_CLI_TESTS("cli/rows");
}
