/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One page of a grid in the JSON of the v2 interface: its units with their elements, whose texts are taken out, and
 * its rows, which are read one after another from the text as it came, without a tree. Headers are indexes into the
 * elements of the same page. Owns nothing of the text, which must outlive it. Used by one thread at a time.
 */
#ifndef MSTR_SESSION_TABLE_PAGE_H
#define MSTR_SESSION_TABLE_PAGE_H

#include "base/buffer.h"
#include "base/json_reader.h"

#include <mstr/error.h>
#include <stdint.h>

/* A text of the page, NUL-terminated; at == NULL = null. */
struct page_text {
    const char *at;
    size_t length;
};

struct page_form {
    struct page_text id;
    struct page_text name; /* or its category, where it has no name */
    struct page_text data_type;
};

struct page_element {
    struct page_text id;
    struct page_text name;          /* of a metric; null for others */
    struct page_text data_type;     /* likewise */
    const struct page_text *values; /* of its forms */
    size_t count;                   /* of values: fewer than forms makes it a total */
};

struct page_unit {
    struct page_text id;
    struct page_text name;
    bool typed;   /* it says of what kind it is */
    bool metrics; /* its elements are the metrics */
    struct page_form *forms;
    size_t form_count; /* at least 1 but for metrics */
    struct page_element *elements;
    size_t element_count;
};

enum page_axis { PAGE_ROWS = 0, PAGE_COLUMNS = 1, PAGE_PAGE_BY = 2, PAGE_AXES = 3 };

/* Units of one axis; `metrics` is the place of those that are metrics, `count` where there are none. */
struct page_units {
    struct page_unit *items;
    size_t count;
    size_t metrics;
};

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
    struct buffer texts;
    void **blocks; /* what was allocated */
    size_t block_count;
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
