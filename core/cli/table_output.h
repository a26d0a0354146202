/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table's rows as data: CSV as RFC 4180 has it, a line of JSON each, or one JSON object. Arrow has batches of rows,
 * which arrow_stream.h writes.
 */
#ifndef MSTR_CLI_TABLE_OUTPUT_H
#define MSTR_CLI_TABLE_OUTPUT_H

#include <mstr/table.h>
#include <stdbool.h>

enum table_format { TABLE_CSV, TABLE_JSONL, TABLE_JSON, TABLE_ARROW };

struct table_output {
    enum table_format format;
    bool formatted;   /* metrics as the report shows them */
    bool shown;       /* at a terminal, where no text may command it */
    const char *null; /* of CSV, for a null; NULL = nothing */
    bool no_header;   /* of CSV */
    bool crlf;        /* of CSV */
    bool guard;       /* of CSV: what a spreadsheet would take for a formula gets an apostrophe */
    int64_t rows;     /* written so far; 0 to begin with */
};

void table_output_begin(const struct table_output *output, const mstr_table *table);
/* The row at hand. */
void table_output_row(struct table_output *output, const mstr_table *table);
/* Once all rows came. */
void table_output_end(const struct table_output *output);
/* The columns as a list of objects, as the one JSON object has them. */
void table_output_columns(const mstr_table *table);

#endif
