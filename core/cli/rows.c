/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of CSV, and of lines of JSON. */
#include "rows.h"

#include "failure.h"
#include "input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { JSON_MEMBERS_MAX = 4096, NAMING_LINES = 10000, NAMING_OCTETS = 8 * 1024 * 1024 };

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
        if (!names_copy(&rows->columns, rows->csv.fields[i].text, rows->csv.fields[i].length)) {
            return no_memory(rows);
        }
    }
    rows->fields = calloc(rows->columns.count, sizeof *rows->fields);
    return rows->fields != NULL ? STATUS_DONE : no_memory(rows);
}

/* --- lines of JSON ---------------------------------------------------------------------------------------------- */

static int tell_line(struct rows *rows, const char *wrong)
{
    mstr_error_set(rows->tool->error, MSTR_E_USAGE, "%s, line %lld: %s", rows->name, (long long)rows->number, wrong);
    return tool_fail(rows->tool);
}

/* Room for more of a line, behind what of it is there. */
static int make_room(struct rows *rows)
{
    if (rows->filled - rows->used >= CSV_ROW_MAX) {
        return tell_line(rows, "the row has more than 16 MiB");
    }
    if (rows->used > 0 && !rows->holds) {
        rows->filled -= rows->used;
        memmove(rows->line, rows->line + rows->used, rows->filled);
        rows->used = 0;
    }
    if (rows->filled < rows->room) {
        return STATUS_DONE;
    }
    size_t room = rows->room > 0 ? 2 * rows->room : CSV_PIECE;
    char *line = realloc(rows->line, room);
    if (line == NULL) {
        return no_memory(rows);
    }
    rows->line = line;
    rows->room = room;
    return STATUS_DONE;
}

static bool is_empty(const char *line, size_t length)
{
    while (length > 0 && (*line == ' ' || *line == '\t' || *line == '\r')) {
        line++;
        length--;
    }
    return length == 0;
}

/* The next line that is not empty; NULL past the last. */
static int next_line(struct rows *rows, char **line, size_t *length)
{
    size_t looked = rows->used;
    *line = NULL;
    for (;;) {
        char *newline = looked < rows->filled ? memchr(rows->line + looked, '\n', rows->filled - looked) : NULL;
        if (newline != NULL) {
            char *found = rows->line + rows->used;
            size_t found_length = (size_t)(newline - found);
            rows->used += found_length + 1;
            looked = rows->used;
            rows->number++;
            if (!is_empty(found, found_length)) {
                *line = found;
                *length = found_length;
                return STATUS_DONE;
            }
            continue;
        }
        size_t unfinished = rows->filled - rows->used;
        int status = make_room(rows);
        looked = rows->used + unfinished;
        int64_t got =
            status == STATUS_DONE ? read_piece(rows->line + rows->filled, rows->room - rows->filled, rows) : 0;
        if (status != STATUS_DONE || got < 0) {
            return status != STATUS_DONE ? status : tool_fail(rows->tool);
        }
        if (got == 0 && rows->filled == rows->used) {
            *line = NULL;
            return STATUS_DONE;
        }
        if (got == 0) { /* the last line needs no end */
            rows->line[rows->filled++] = '\n';
        }
        rows->filled += (size_t)got;
    }
}

static int next_object(struct rows *rows, bool *more)
{
    char *line = NULL;
    size_t length = 0;
    int status = next_line(rows, &line, &length);
    *more = status == STATUS_DONE && line != NULL;
    if (!*more) {
        return status;
    }
    const char *wrong = json_line_read(line, length, rows->members, rows->member_room, &rows->member_count);
    return wrong == NULL ? STATUS_DONE : tell_line(rows, wrong);
}

/* The column of a member, which is most often the one of its place. */
static size_t column_of(const struct rows *rows, size_t place)
{
    const struct json_line_member *member = &rows->members[place];
    for (size_t i = 0; i < rows->columns.count; i++) {
        size_t column = (place + i) % rows->columns.count;
        const char *name = rows->columns.items[column];
        if (strlen(name) == member->name_length && memcmp(name, member->name, member->name_length) == 0) {
            return column;
        }
    }
    return rows->columns.count;
}

static int add_columns(struct rows *rows)
{
    for (size_t i = 0; i < rows->member_count; i++) {
        const struct json_line_member *member = &rows->members[i];
        bool known = rows->columns.count > 0 && column_of(rows, i) < rows->columns.count;
        if (!known && rows->columns.count == JSON_MEMBERS_MAX) {
            return tell_line(rows, "there are more than 4096 columns");
        }
        if (!known && !names_copy(&rows->columns, member->name, member->name_length)) {
            return no_memory(rows);
        }
    }
    return STATUS_DONE;
}

/* Reading a line changes it: of those that are to be read again, a copy is read. */
static int name_from(struct rows *rows, const char *line, size_t length)
{
    char *copy = malloc(length + 1);
    if (copy == NULL) {
        return no_memory(rows);
    }
    memcpy(copy, line, length);
    const char *wrong = json_line_read(copy, length, rows->members, rows->member_room, &rows->member_count);
    int status = wrong == NULL ? add_columns(rows) : tell_line(rows, wrong);
    free(copy);
    return status;
}

static int name_columns(struct rows *rows)
{
    char *line = NULL;
    size_t length = 0;
    size_t lines = 0;
    rows->member_room = JSON_MEMBERS_MAX;
    rows->members = calloc(rows->member_room, sizeof *rows->members);
    int status = rows->members != NULL ? STATUS_DONE : no_memory(rows);
    rows->holds = true;
    while (status == STATUS_DONE && lines < NAMING_LINES && rows->used < NAMING_OCTETS) {
        status = next_line(rows, &line, &length);
        if (line == NULL) {
            break;
        }
        lines++;
        status = status == STATUS_DONE ? name_from(rows, line, length) : status;
    }
    if (status == STATUS_DONE && lines == 0) {
        return tool_problem(rows->tool, STATUS_USAGE, "%s is empty: its first line names the columns", rows->name);
    }
    rows->holds = false;
    rows->used = 0;
    rows->number = 0;
    rows->fields = status == STATUS_DONE ? calloc(rows->columns.count + 1, sizeof *rows->fields) : NULL;
    return status == STATUS_DONE && rows->fields == NULL ? no_memory(rows) : status;
}

/* Members that are missing are nulls. */
static int next_of_json(struct rows *rows, bool *more)
{
    int status = next_object(rows, more);
    memset(rows->fields, 0, rows->columns.count * sizeof *rows->fields);
    for (size_t i = 0; status == STATUS_DONE && *more && i < rows->member_count; i++) {
        size_t column = column_of(rows, i);
        if (column == rows->columns.count) {
            return tell_line(rows, "none of the lines that name the columns has a member of this name");
        }
        rows->fields[column] = (mstr_upload_field){rows->members[i].text, rows->members[i].length};
    }
    return status;
}

/* --- both ------------------------------------------------------------------------------------------------------- */

int rows_open(struct rows *rows, struct tool *tool, const char *path)
{
    bool standard = strcmp(path, "-") == 0;
    rows->tool = tool;
    rows->name = standard ? "standard input" : path;
    rows->descriptor = standard ? STDIN_FILENO : input_open(path);
    rows->csv = (struct csv){.read = read_piece, .data = rows};
    if (rows->descriptor < 0) {
        return tool_problem(tool, STATUS_UNEXPECTED, "%s: %s", path, strerror(errno));
    }
    return rows->json ? name_columns(rows) : read_columns(rows);
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
    if (rows->json) {
        return next_of_json(rows, more);
    }
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
    names_release(&rows->columns);
    csv_release(&rows->csv);
    free(rows->members);
    free(rows->line);
    free(rows->fields);
}
