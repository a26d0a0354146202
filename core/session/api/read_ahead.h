/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages fetched ahead: a few threads ask for the next pages of a list or a grid while the reader works on the one at
 * hand, and the reader gets them in order. No more pages are held than the reader has asked for. Used by the paging
 * and the execution, each with a request of its own for a page.
 */
#ifndef MSTR_SESSION_API_READ_AHEAD_H
#define MSTR_SESSION_API_READ_AHEAD_H

#include "base/limits.h"

#include <mstr/request.h>

enum { READ_AHEAD_MAX = 8 };

/* Asks for one page, on any thread, several at once; ends soon once `cancel` is pulled. */
typedef enum mstr_code (*read_ahead_fetch)(void *data, int64_t offset, int64_t limit, mstr_cancel *cancel,
                                           mstr_response **out, mstr_error *error);

/* The pages from `offset` on, of `limit` items each, that begin before `end`. */
struct read_ahead_range {
    int64_t offset;
    int64_t limit;
    int64_t end;
};

struct read_ahead;

/* Begins to fetch up to `pages` (at most READ_AHEAD_MAX) pages before they are asked for. NULL without memory or
 * threads, where the reader fetches its pages itself. */
struct read_ahead *read_ahead_new(struct read_ahead_range range, size_t pages, read_ahead_fetch fetch, void *data);
/* The next page in order, or what its request failed with; false past the last page of the range. The reader's own
 * cancellation ends the waiting. */
bool read_ahead_next(struct read_ahead *ahead, const struct limits *limits, mstr_response **out, enum mstr_code *code,
                     mstr_error *error);
/* Cancels what is under way and waits for it. NULL is accepted. */
void read_ahead_free(struct read_ahead *ahead);

#endif
