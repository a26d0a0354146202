/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/sample.c: the narrowest type of a column's first values, and no row lost */
#include "cli/sample.h"

#include "cli/output.h"
#include "unit/cli/harness.h"

#include <stdio.h>
#include <stdlib.h>

static const struct command command = {.name = "push"};

/* Writes the type of each column, and how many rows there are in all. */
static int show(void *data)
{
    struct tool tool = harness_tool(&command);
    struct rows rows = {.null = NULL};
    struct sample sample = {.rows = &rows};
    const mstr_upload_field *fields = NULL;
    long long count = -1;
    int status = rows_open(&rows, &tool, data);
    status = status == STATUS_DONE ? sample_read(&sample, &rows) : status;
    for (size_t i = 0; status == STATUS_DONE && i < rows.columns.count; i++) {
        output_printf(output_data, "%d ", (int)sample_type(&sample, i));
    }
    do {
        count++;
        status = status == STATUS_DONE ? sample_next(&sample, &fields) : status;
    } while (status == STATUS_DONE && fields != NULL);
    output_printf(output_data, "%lld", count);
    sample_release(&sample);
    rows_close(&rows);
    harness_tool_free(&tool);
    return status;
}

static const struct outcome *read_text(const char *text)
{
    harness_write("rows.csv", text, strlen(text));
    return harness_call(show, (void *)(uintptr_t)harness_path("rows.csv"));
}

static void the_narrowest_type_that_all_values_have_is_taken(void **state)
{
    (void)state;
    assert_outcome(read_text("a,b,c,d,e,f,g,h,i\n"
                             "1,1,1,true,2025-01-31,00:00:00,2025-01-31 00:00:00,007,\n"
                             "2,3000000000,1.5,false,,,,8,\n"),
                   STATUS_DONE, "1 2 4 3 6 7 8 0 0 2", "");
    assert_outcome(read_text("a,b,c\n1,true,2025-01-31\nx,1,00:00:00\n"), STATUS_DONE, "0 0 0 2", "");
    assert_outcome(read_text("a\n"), STATUS_DONE, "0 0", "");
}

static void rows_behind_the_sample_come_too(void **state)
{
    enum { ROWS = SAMPLE_ROWS + 7 };
    char *text = malloc(2 + ROWS * 8);
    size_t length = (size_t)sprintf(text, "a\n");
    (void)state;
    for (int i = 0; i < ROWS; i++) {
        length += (size_t)sprintf(text + length, i == ROWS - 1 ? "late\n" : "%d\n", i);
    }
    assert_outcome(read_text(text), STATUS_DONE, "1 10007", "");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(the_narrowest_type_that_all_values_have_is_taken),
        CLI_TEST(rows_behind_the_sample_come_too),
    };
    return RUN_CLI_TESTS("cli/sample");
}
