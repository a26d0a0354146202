/* SPDX-License-Identifier: Apache-2.0 */
/* Rows as CSV and JSON. */
#include "table_output.h"

#include "display.h"
#include "output.h"

#include <string.h>

struct text {
    const char *at; /* NULL = a null */
    size_t length;
};

static struct text text_of(const struct table_output *output, const mstr_table *table, size_t column)
{
    struct text text = {NULL, 0};
    if (output->formatted && mstr_table_column(table, column)->kind == MSTR_COLUMN_METRIC) {
        text.at = mstr_table_formatted(table, column, &text.length);
    } else {
        text.at = mstr_table_text(table, column, &text.length);
    }
    return text;
}

/* --- CSV -------------------------------------------------------------------------------------------------------- */

/* Octets that want quotes around them. */
static bool has_special(struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] == ',' || text.at[i] == '"' || text.at[i] == '\n' || text.at[i] == '\r') {
            return true;
        }
    }
    return false;
}

static bool is_number(struct text text)
{
    static const char digits[] = "0123456789";
    size_t at = text.length > 0 && (text.at[0] == '-' || text.at[0] == '+');
    size_t whole = strspn(text.at + at, digits);
    at += whole;
    size_t fraction = text.at[at] == '.' ? strspn(text.at + at + 1, digits) : 0;
    at += fraction > 0 ? fraction + 1 : 0;
    if (whole > 0 && (text.at[at] == 'e' || text.at[at] == 'E')) {
        size_t sign = text.at[at + 1] == '-' || text.at[at + 1] == '+';
        size_t exponent = strspn(text.at + at + 1 + sign, digits);
        at += exponent > 0 ? 1 + sign + exponent : 0;
    }
    return whole > 0 && at == text.length;
}

/* What a spreadsheet would compute: OWASP, CSV Injection. */
static bool is_formula(struct text text)
{
    return text.length > 0 && memchr("=+-@\t\r\n", text.at[0], 7) != NULL && !is_number(text);
}

static void put_octets(const struct table_output *output, const char *octets, size_t length)
{
    if (output->shown) {
        display_octets(output_data, octets, length);
    } else {
        output_write(output_data, octets, length);
    }
}

/* In quotes, those within doubled. */
static void put_quoted(const struct table_output *output, bool guarded, struct text text)
{
    output_puts(output_data, guarded ? "\"'" : "\"");
    while (text.length > 0) {
        const char *quote = memchr(text.at, '"', text.length);
        size_t length = quote != NULL ? (size_t)(quote - text.at) + 1 : text.length;
        put_octets(output, text.at, length);
        output_puts(output_data, quote != NULL ? "\"" : "");
        text.at += length;
        text.length -= length;
    }
    output_puts(output_data, "\"");
}

/* A text that is empty, or is what stands for a null, is told from a null by its quotes. */
static void put_field(const struct table_output *output, struct text text)
{
    bool guarded = output->guard && is_formula(text);
    const char *null = output->null != NULL ? output->null : "";
    if (guarded || has_special(text) || (text.length == strlen(null) && memcmp(text.at, null, text.length) == 0) ||
        text.length == 0) {
        put_quoted(output, guarded, text);
    } else {
        put_octets(output, text.at, text.length);
    }
}

/* A line without anything, as a lone null would give it, is passed over by readers. */
static void put_null(const struct table_output *output, bool alone)
{
    const struct text null = {output->null != NULL ? output->null : "",
                              output->null != NULL ? strlen(output->null) : 0};
    if (has_special(null) || (alone && null.length == 0)) {
        put_quoted(output, false, null);
    } else {
        output_write(output_data, null.at, null.length);
    }
}

static void put_separator(const struct table_output *output, size_t column, size_t columns)
{
    output_puts(output_data, column + 1 < columns ? "," : output->crlf ? "\r\n" : "\n");
}

static void put_header(const struct table_output *output, const mstr_table *table)
{
    size_t columns = mstr_table_columns(table);
    for (size_t i = 0; i < columns; i++) {
        const char *label = mstr_table_column(table, i)->label;
        put_field(output, (struct text){label, strlen(label)});
        put_separator(output, i, columns);
    }
}

static void put_csv_row(const struct table_output *output, const mstr_table *table)
{
    size_t columns = mstr_table_columns(table);
    for (size_t i = 0; i < columns; i++) {
        struct text text = text_of(output, table, i);
        bool null = mstr_table_cell_kind(table, i) == MSTR_CELL_NULL;
        if (text.at == NULL || (null && (output->null != NULL || text.length == 0))) {
            put_null(output, columns == 1);
        } else {
            put_field(output, text);
        }
        put_separator(output, i, columns);
    }
}

/* --- JSON ------------------------------------------------------------------------------------------------------- */

/* Numbers keep the digits that the server wrote. */
static void put_value(const struct table_output *output, const mstr_table *table, size_t column)
{
    bool formatted = output->formatted && mstr_table_column(table, column)->kind == MSTR_COLUMN_METRIC;
    struct text text = text_of(output, table, column);
    enum mstr_cell_kind kind = mstr_table_cell_kind(table, column);
    if (text.at == NULL || kind == MSTR_CELL_NULL) {
        output_puts(output_data, "null");
    } else if (kind == MSTR_CELL_NUMBER && !formatted) {
        output_write(output_data, text.at, text.length);
    } else {
        output_json_octets(output_data, text.at, text.length);
    }
}

static void put_json_row(const struct table_output *output, const mstr_table *table)
{
    bool lines = output->format == TABLE_JSONL;
    output_puts(output_data, lines ? "{" : output->rows > 0 ? ",\n  [" : "\n  [");
    for (size_t i = 0; i < mstr_table_columns(table); i++) {
        output_puts(output_data, i > 0 ? ", " : "");
        if (lines) {
            output_json(output_data, mstr_table_column(table, i)->label);
            output_puts(output_data, ": ");
        }
        put_value(output, table, i);
    }
    output_puts(output_data, lines ? "}\n" : "]");
}

static void put_column(const mstr_column *column)
{
    bool metric = column->kind == MSTR_COLUMN_METRIC;
    output_member(output_data, "{", "name", column->label);
    output_member(output_data, ", ", metric ? "metric" : "attribute", column->name);
    if (!metric) {
        output_member(output_data, ", ", "form", column->form);
        output_printf(output_data, ", \"pageBy\": %s", column->kind == MSTR_COLUMN_PAGE_BY ? "true" : "false");
    }
    output_member(output_data, ", ", "id", column->id);
    output_member(output_data, ", ", "dataType", column->data_type);
    output_puts(output_data, "}");
}

void table_output_columns(const mstr_table *table)
{
    output_puts(output_data, "\"columns\": [");
    for (size_t i = 0; i < mstr_table_columns(table); i++) {
        output_puts(output_data, i > 0 ? ",\n  " : "\n  ");
        put_column(mstr_table_column(table, i));
    }
    output_puts(output_data, "\n]");
}

/* --- all of them ------------------------------------------------------------------------------------------------ */

void table_output_begin(const struct table_output *output, const mstr_table *table)
{
    if (output->format == TABLE_JSON) {
        output_puts(output_data, "{");
        table_output_columns(table);
        output_puts(output_data, ",\n\"rows\": [");
    } else if (output->format == TABLE_CSV && !output->no_header) {
        put_header(output, table);
    }
}

void table_output_row(struct table_output *output, const mstr_table *table)
{
    if (output->format == TABLE_CSV) {
        put_csv_row(output, table);
    } else {
        put_json_row(output, table);
    }
    output->rows++;
}

void table_output_end(const struct table_output *output)
{
    if (output->format == TABLE_JSON) {
        output_puts(output_data, "\n]}\n");
    }
}
