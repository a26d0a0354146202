/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of a file on their way into a dataset: CSV, whose first row names the columns, or an object of JSON a line,
 * whose first ones do, as a member may be missing from any: so many as a sample of rows has, or as a piece holds.
 */
#ifndef MSTR_CLI_ROWS_H
#define MSTR_CLI_ROWS_H

#include "csv.h"
#include "json_line.h"
#include "names.h"
#include "tool.h"

struct rows {
    struct tool *tool;
    const char *name;          /* of the file, or of standard input */
    const char *null;          /* a text without quotes that is a null, beside the empty one; NULL = none */
    struct names columns;      /* owned */
    mstr_upload_field *fields; /* of the row at hand, one for each column */
    bool json;
    /* Inside. */
    int descriptor;
    struct csv csv;
    struct json_line_member *members; /* of the line at hand, as many as columns, or as a line may have */
    size_t member_count, member_room;
    char *line; /* read, of which `used` octets are done with */
    size_t used, filled, room;
    int64_t number; /* of the line */
    bool holds;     /* lines that were read stay, to be read again */
};

/* Opens the file, "-" is standard input, and reads which columns it has; STATUS_DONE, or a status after having told
 * what is wrong. To be closed in each case. */
int rows_open(struct rows *rows, struct tool *tool, const char *path);
/* The next row; *more is false past the last. Likewise. */
int rows_next(struct rows *rows, bool *more);
void rows_close(struct rows *rows);

#endif
