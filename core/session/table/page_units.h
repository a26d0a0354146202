/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The units of a page's axes, with their forms and elements, whose texts are taken out of the JSON. All of it lives
 * in a store, which is freed at once.
 */
#ifndef MSTR_SESSION_TABLE_PAGE_UNITS_H
#define MSTR_SESSION_TABLE_PAGE_UNITS_H

#include "base/buffer.h"
#include "base/json_reader.h"

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

struct page_store {
    struct buffer texts;
    char *items; /* of lists whose end is yet to come, one behind the other */
    size_t item_length, item_capacity;
    void **blocks; /* what was allocated */
    size_t block_count;
    char *free; /* what is left of the last of them */
    size_t left;
};

/* Reads the grid of a definition into the axes. False for what is none, or without memory, *memory. */
bool page_take_grid(struct page_store *store, struct json_span grid, struct page_units axes[PAGE_AXES], bool *memory);
/* Zeroed memory of the store; NULL without memory. */
void *page_allocate(struct page_store *store, size_t count, size_t size);
void page_store_release(struct page_store *store);

#endif
