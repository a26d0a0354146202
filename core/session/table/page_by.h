/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pages of a report that pages by attributes: which combinations of elements have data, window by window as the
 * server gives them, and which of these are wanted. Used by one thread at a time.
 */
#ifndef MSTR_SESSION_TABLE_PAGE_BY_H
#define MSTR_SESSION_TABLE_PAGE_BY_H

#include "base/buffer.h"
#include "session/table/report.h"

#include <json-c/json.h>

struct page_by {
    struct report *instance;
    const char *const *choices; /* UNIT=ELEMENT; borrowed */
    size_t choice_count;
    bool *chosen;              /* of the choices: an element was met */
    mstr_response *window;     /* at hand */
    struct json_object *units; /* in it */
    struct json_object *items;
    size_t at;      /* the next item */
    int64_t offset; /* of the next window */
    int64_t total;  /* combinations in all, -1 = not known yet */
};

/* To be released in each case. */
enum mstr_code page_by_begin(struct page_by *page_by, struct report *instance, const char *const *choices,
                             size_t choice_count, mstr_error *error);
/* The next combination that is wanted, as the body that turns the instance to it; *more is false past the last. */
enum mstr_code page_by_next(struct page_by *page_by, struct buffer *body, bool *more, mstr_error *error);
/* Whether none is left that has not been given. */
bool page_by_is_over(const struct page_by *page_by);
void page_by_release(struct page_by *page_by);

#endif
