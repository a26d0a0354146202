/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One page of a grid in the JSON of the v2 interface: its units with their elements, whose texts are taken out, and
 * its rows, which are read one after another from the text as it came, without a tree. Headers are indexes into the
 * elements of the same page. Owns nothing of the text, which must outlive it. Used by one thread at a time.
 */
#ifndef MSTR_SESSION_TABLE_PAGE_H
#define MSTR_SESSION_TABLE_PAGE_H

#include "session/table/page_units.h"

#include <mstr/error.h>
#include <stdint.h>

struct page {
    struct page_units axes[PAGE_AXES];
    int64_t total;         /* rows of all pages */
    uint32_t *current;     /* of the page-by, an element for each unit */
    size_t current_count;  /* 0 = not told */
    uint32_t *heads;       /* of the columns: heads[unit * width + column] is an element */
    size_t width;          /* columns */
    uint32_t *row;         /* of the row at hand, an element for each unit */
    struct json_span *raw; /* of the row at hand, a value for each column */
    struct json_span *formatted;
    bool has_formatted;                        /* as of the first row */
    struct json_reader rows, raws, formatteds; /* what is left of them */
    int64_t read;                              /* rows so far */
    struct page_store store;
};

/* What an answer says of the instance, whether or not it is a page: the span of its id, {NULL, NULL} for none; its
 * status, left alone for none; whether data is there. False for what is no JSON object. */
struct page_status {
    struct json_span instance;
    int64_t status;
    bool has_status;
    bool has_data;
};
bool page_status(const char *text, size_t length, struct page_status *status);

/* MSTR_OK, MSTR_E_PROTOCOL for what is no page, or MSTR_E_MEMORY, told. To be closed in each case. */
enum mstr_code page_open(struct page *page, const char *text, size_t length, mstr_error *error);
/* The same for a definition, which has units alone: there is no row. */
enum mstr_code page_open_definition(struct page *page, const char *text, size_t length, mstr_error *error);
/* The next row into row, raw and formatted; *more is false past the last. */
enum mstr_code page_next(struct page *page, bool *more, mstr_error *error);
void page_close(struct page *page);

#endif
