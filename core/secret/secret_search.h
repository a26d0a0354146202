/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where secrets stand in a text, however often it was escaped, and in little time. For secret_filter.c alone.
 *
 * The text is looked at as it is, and with the escapes of URLs, HTML and JSON undone, once to LEVELS times over; each
 * time also without its white space, where a server may have wrapped it. In each of these views every place is looked
 * up in an index of how the secrets begin. The work is bounded: a text that costs more than so many comparisons for
 * each of its octets is given up.
 */
#ifndef MSTR_SECRET_SECRET_SEARCH_H
#define MSTR_SECRET_SECRET_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

struct secret_search;

/* NULL without memory. */
struct secret_search *secret_search_new(void);
/* Adds a secret with all its forms; false without memory. */
bool secret_search_add(struct secret_search *search, const char *octets, size_t length);
/* Where the marks are not complete, and why. */
enum secret_search_end { SEARCH_WHOLE, SEARCH_TOO_LONG, SEARCH_NO_MEMORY };

/* Sets a 1 in `marks` for each octet of the text that belongs to a secret. */
enum secret_search_end secret_search_mark(const struct secret_search *search, const char *text, size_t length,
                                          char *marks);
/* Wipes; NULL is accepted. */
void secret_search_free(struct secret_search *search);

#endif
