/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pages of one grid, in order, of which the next is fetched while the rows of the one at hand are read. Pages
 * that take the server too long become smaller; others grow towards 8 MB where their size was not asked for. Used by
 * one thread at a time.
 */
#ifndef MSTR_SESSION_TABLE_PAGES_H
#define MSTR_SESSION_TABLE_PAGES_H

#include "session/table/report.h"

struct pages {
    struct report *instance;
    int64_t size;   /* rows asked for at once */
    bool steered;   /* by what a row was found to need */
    size_t ahead;   /* how many are fetched before they are asked for */
    int64_t most;   /* rows that are wanted; INT64_MAX = all */
    int64_t read;   /* rows that have come */
    int64_t total;  /* rows of the grid; -1 = not known yet */
    int64_t until;  /* where those end that are fetched ahead; stays while they are */
    int64_t coming; /* rows that the page at hand should have */
    struct read_ahead *fetching;
    mstr_response *page; /* at hand */
};

/* Begins with the page that the instance's latest answer is, or else asks for the first. */
void pages_begin(struct pages *pages);
/* The next page, which lives until the one after it; *out is NULL past the last. */
enum mstr_code pages_next(struct pages *pages, mstr_response **out, mstr_error *error);
/* Tells how many rows the grid has, as the page says: MSTR_E_PROTOCOL where it is another number than before. The
 * next page is being fetched from here on. */
enum mstr_code pages_opened(struct pages *pages, int64_t total, mstr_error *error);
/* Tells how many rows the page had: MSTR_E_PROTOCOL where the server stopped before the last one, or did not
 * there. */
enum mstr_code pages_took(struct pages *pages, int64_t rows, mstr_error *error);
/* Ends what is being fetched, and frees. */
void pages_end(struct pages *pages);

#endif
