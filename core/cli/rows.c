/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of CSV. */
#include "rows.h"

#include "failure.h"
#include "input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int64_t read_piece(void *into, size_t capacity, void *data)
{
    struct rows *rows = data;
    return input_read(rows->tool, rows->descriptor, rows->name, into, capacity);
}

static int no_memory(struct rows *rows)
{
    mstr_error_set(rows->tool->error, MSTR_E_MEMORY, "out of memory");
    return tool_fail(rows->tool);
}

static int tell(struct rows *rows, enum csv_result result)
{
    if (result == CSV_NO_MEMORY) {
        return no_memory(rows);
    }
    if (rows->csv.problem[0] == '\0') {
        return tool_fail(rows->tool); /* the reading has told why */
    }
    mstr_error_set(rows->tool->error, MSTR_E_USAGE, "%s, %s", rows->name, rows->csv.problem);
    return tool_fail(rows->tool);
}

static int read_columns(struct rows *rows)
{
    enum csv_result result = csv_next(&rows->csv);
    if (result != CSV_ROW) {
        return result == CSV_END ? tool_problem(rows->tool, STATUS_USAGE,
                                                "%s is empty: its first line names the columns", rows->name)
                                 : tell(rows, result);
    }
    for (size_t i = 0; i < rows->csv.count; i++) {
        char *name = strndup(rows->csv.fields[i].text, rows->csv.fields[i].length);
        if (name == NULL || !names_add(&rows->columns, name)) {
            free(name);
            return no_memory(rows);
        }
    }
    rows->fields = calloc(rows->columns.count, sizeof *rows->fields);
    return rows->fields != NULL ? STATUS_DONE : no_memory(rows);
}

int rows_open(struct rows *rows, struct tool *tool, const char *path)
{
    bool standard = strcmp(path, "-") == 0;
    rows->tool = tool;
    rows->name = standard ? "standard input" : path;
    rows->descriptor = standard ? STDIN_FILENO : input_open(path);
    rows->csv = (struct csv){.read = read_piece, .data = rows};
    return rows->descriptor >= 0 ? read_columns(rows)
                                 : tool_problem(tool, STATUS_UNEXPECTED, "%s: %s", path, strerror(errno));
}

static bool is_null(const struct rows *rows, const struct csv_field *field)
{
    size_t length = rows->null != NULL ? strlen(rows->null) : 0;
    return !field->quoted &&
           (field->length == 0 || (field->length == length && memcmp(field->text, rows->null, length) == 0));
}

/* An empty line is a row of a single column, and none of several. */
static bool is_blank(const struct rows *rows)
{
    const struct csv *csv = &rows->csv;
    return rows->columns.count > 1 && csv->count == 1 && !csv->fields->quoted && csv->fields->length == 0;
}

int rows_next(struct rows *rows, bool *more)
{
    enum csv_result result = CSV_ROW;
    do {
        result = csv_next(&rows->csv);
    } while (result == CSV_ROW && is_blank(rows));
    *more = result == CSV_ROW;
    if (result == CSV_END) {
        return STATUS_DONE;
    }
    if (result != CSV_ROW) {
        return tell(rows, result);
    }
    if (rows->csv.count != rows->columns.count) {
        mstr_error_set(rows->tool->error, MSTR_E_USAGE, "%s, line %lld: there are %zu fields, not %zu", rows->name,
                       (long long)rows->csv.line, rows->csv.count, rows->columns.count);
        return tool_fail(rows->tool);
    }
    for (size_t i = 0; i < rows->csv.count; i++) {
        const struct csv_field *field = &rows->csv.fields[i];
        rows->fields[i] = (mstr_upload_field){is_null(rows, field) ? NULL : field->text, field->length};
    }
    return STATUS_DONE;
}

void rows_close(struct rows *rows)
{
    if (rows->descriptor > STDIN_FILENO) {
        close(rows->descriptor);
    }
    for (size_t i = 0; i < rows->columns.count; i++) {
        free((void *)(uintptr_t)rows->columns.items[i]);
    }
    names_release(&rows->columns);
    csv_release(&rows->csv);
    free(rows->fields);
}
