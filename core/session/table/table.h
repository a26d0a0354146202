/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table: table.c opens and reads it, table_cells.c shows what is at hand. Used by one thread at a time.
 * Forms of a table that are made of its rows, and a queue that has other threads open and read it, see it so.
 */
#ifndef MSTR_SESSION_TABLE_TABLE_H
#define MSTR_SESSION_TABLE_TABLE_H

#include "session/table/definition.h"
#include "session/table/flatten.h"
#include "session/table/object.h"
#include "session/table/page_by.h"
#include "session/table/pages.h"
#include "session/table/prompts.h"

#include <mstr/table.h>

struct mstr_table {
    uint32_t flags;
    char object[OBJECT_ID];
    char *project;
    char **choices; /* of the page-by */
    size_t choice_count;
    struct report instance;
    struct prompts prompts;
    struct definition definition;
    struct buffer body;
    struct pages pages;
    struct page_by page_by;
    bool pages_by; /* it has more pages than the one that is stored */
    struct buffer turn;
    struct flatten flatten;
    bool in_grid; /* pages of the grid are still to come */
    bool is_over;
    bool has_row;
    int64_t limit; /* rows; INT64_MAX = none */
    int64_t given; /* rows */
    int64_t expected;
    bool anew;        /* its instance was lost, and made anew */
    mstr_error *told; /* the failure that ended it */
};

/* MSTR_TABLE_… */
uint32_t table_flags(const mstr_table *table);
/* Limits of the whole that begin now; a run of hours is none of their business unless the caller says so. */
struct limits table_limits_for(const mstr_session *session, const mstr_call_options *call);
struct limits table_limits(const mstr_table *table);
/* What cancels it from now on, in the place of what did. Nothing of the table is under way but pages fetched
 * ahead. */
void table_set_cancel(mstr_table *table, mstr_cancel *cancel);

#endif
