/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows whose metrics came one below the other, brought together: rows of the same elements fill one row's slots,
 * metric by metric, and where a metric comes a second time for the same elements, that is a second row. Holds copies
 * of all texts, so that pages may go meanwhile. Rows come out in the order in which their elements first came in.
 */
#ifndef MSTR_SESSION_TABLE_PIVOT_H
#define MSTR_SESSION_TABLE_PIVOT_H

#include "base/buffer.h"
#include "base/name_index.h"
#include "session/table/page.h"

#include <mstr/table.h>

/* A cell of a row that is handed out. Texts are NUL-terminated. */
struct cell {
    enum mstr_cell_kind kind;
    struct page_text text;
    struct page_text formatted;
};

struct pivot {
    size_t width; /* cells of a row: those of attributes, then slots */
    struct pivot_cell *cells;
    struct pivot_row *rows;
    size_t count, capacity;
    size_t given; /* rows handed out */
    char **keys;
    size_t key_count, key_capacity;
    struct name_index index; /* key -> row */
    struct buffer texts;
};

void pivot_init(struct pivot *pivot, size_t width);
/* The row of these elements, of which `key` is a text, whose cell `slot` is still empty: one that is there, or a new
 * one, *is_new, whose other cells are for the caller to fill. False without memory. */
bool pivot_find(struct pivot *pivot, const char *key, size_t slot, size_t *row, bool *is_new);
/* Copies a cell to its place. False without memory. */
bool pivot_put(struct pivot *pivot, size_t row, size_t place, const struct cell *cell);
/* The next row's cells; false past the last, after which the pivot is empty again. They live until the next call. */
bool pivot_take(struct pivot *pivot, struct cell *cells);
static inline bool pivot_is_empty(const struct pivot *pivot)
{
    return pivot->count == 0;
}
void pivot_release(struct pivot *pivot);

#endif
