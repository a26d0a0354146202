/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the rows of a grid's pages to the rows of a table: elements become texts, metrics down the rows columns, and a
 * cross-tab longer or wider. One page at a time; what must outlive it is copied. Used by one thread at a time.
 */
#ifndef MSTR_SESSION_TABLE_FLATTEN_H
#define MSTR_SESSION_TABLE_FLATTEN_H

#include "session/table/layout.h"
#include "session/table/pivot.h"

struct flatten {
    uint32_t flags; /* of the request */
    bool begun;     /* the layout is there */
    struct layout layout;
    struct page page;
    bool has_page;
    struct cell *cells; /* of the table's row at hand, one for each column */
    struct cell *wide;  /* of the grid's: attributes, then slots */
    bool has_wide;
    size_t group;      /* of the grid's row, the next to be handed over */
    struct cell *over; /* of attributes over the columns, for each group */
    bool pending;      /* the page's row at hand belongs to the next block */
    bool emptying;     /* rows of the pivot are being handed over */
    struct pivot pivot;
    struct buffer block; /* what stands before the metrics down the rows */
    struct buffer key;
    struct buffer texts; /* of the row at hand */
};

void flatten_init(struct flatten *flatten, uint32_t flags);
/* Begins a page, whose text must live until the next one or the end of the grid; `same_grid` as in layout.h. */
enum mstr_code flatten_page(struct flatten *flatten, const char *text, size_t length, bool same_grid,
                            mstr_error *error);
/* The next row into cells; *more is false where the page has no more of them. */
enum mstr_code flatten_next(struct flatten *flatten, bool *more, mstr_error *error);
/* The grid has no more pages: hands over, by flatten_next(), what was held. */
void flatten_end_grid(struct flatten *flatten);
/* Forgets what was read, but for the layout, which what comes next has to follow. */
void flatten_again(struct flatten *flatten);
void flatten_release(struct flatten *flatten);

#endif
