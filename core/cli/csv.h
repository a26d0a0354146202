/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading CSV (RFC 4180) as it comes: quotes are where they may be, or it is told in which line they are not. A mark
 * of UTF-8 at the begin is passed over. Memory is that of one row.
 */
#ifndef MSTR_CLI_CSV_H
#define MSTR_CLI_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CSV_ROW_MAX = 16 * 1024 * 1024, CSV_FIELDS_MAX = 65536, CSV_PIECE = 65536 };

struct csv_field {
    const char *text; /* lives until the next row is asked for */
    size_t length;
    bool quoted;
};

/* Begin with a read function, 0 elsewhere. */
struct csv {
    int64_t (*read)(void *into, size_t capacity, void *data); /* how many octets; 0 at the end; -1 = failed */
    void *data;
    struct csv_field *fields; /* of the row at hand */
    size_t count;
    int64_t line;      /* in which the row begins, from 1 */
    char problem[128]; /* "" while nothing is wrong; a failed read is not told here */
    /* Inside. */
    char *piece;
    size_t at, end; /* in the piece */
    int64_t lines;  /* that ended */
    char *text;     /* of all fields */
    size_t length, room, field_room;
    bool begun;
};

enum csv_result { CSV_ROW, CSV_END, CSV_FAILED, CSV_NO_MEMORY };

enum csv_result csv_next(struct csv *csv);
void csv_release(struct csv *csv);

#endif
