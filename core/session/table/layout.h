/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The columns of a table, made of the units of its first page, and which value of a grid's row goes into which of
 * them. A grid's row has slots, one for each of its values once metrics down the rows have been brought into one row;
 * a slot belongs to a group, which is one tuple of elements over the columns, and to a metric. In the long form each
 * group of a grid's row is a row of the table.
 */
#ifndef MSTR_SESSION_TABLE_LAYOUT_H
#define MSTR_SESSION_TABLE_LAYOUT_H

#include "session/table/page.h"

#include <mstr/table.h>

#define LAYOUT_NO_SLOT ((size_t)-1)

struct layout {
    mstr_column *columns;
    bool *numbers; /* of each column: its data type is one of numbers */
    size_t count;
    size_t fixed;        /* columns of page-by and rows, the first */
    size_t over;         /* columns of attributes over the columns, in the long form, behind them */
    size_t metrics;      /* how many there are */
    bool keep;           /* the width */
    bool is_cross;       /* there are attributes over the columns */
    bool on_rows;        /* the metrics are down the rows */
    struct buffer units; /* a text that is the same for pages of the same units */
    struct buffer heads; /* and for those of the same columns */
    /* Of the grid at hand. */
    size_t groups;
    size_t *group_column; /* a column of the grid that is of the group */
    size_t *slots;        /* slots[group * metrics + metric], or LAYOUT_NO_SLOT */
    size_t slot_count;
    char **texts; /* of the columns */
    size_t text_count;
};

/* From the first page, or a definition; `flags` are those of the request. MSTR_OK or MSTR_E_MEMORY. To be released in
 * each case. */
enum mstr_code layout_init(struct layout *layout, const struct page *page, uint32_t flags, mstr_error *error);
/* Looks at another page: MSTR_E_PROTOCOL where its units are not those of the first one, or where its columns differ
 * although it belongs to the same grid, or they must not for the table's width. */
enum mstr_code layout_follow(struct layout *layout, const struct page *page, bool same_grid, mstr_error *error);
void layout_release(struct layout *layout);

/* An element's texts, joined by blanks, added to a text. */
void layout_put_element(const struct page_element *element, struct buffer *text);

#endif
