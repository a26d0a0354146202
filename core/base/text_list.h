/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A list of short texts, each once, such as the names that can be meant. Stateless; part of the helpers that plugins
 * compile in.
 */
#ifndef MSTR_BASE_TEXT_LIST_H
#define MSTR_BASE_TEXT_LIST_H

#include "base/name_index.h"

struct text_list {
    char **items; /* NULL while it is empty */
    size_t count;
    bool failed;             /* memory ran out: something is missing */
    struct name_index known; /* by its names alone: sorting moves them */
};

#define TEXT_LIST_INIT                                                                                               \
    {                                                                                                                \
        NULL, 0, false,                                                                                              \
        {                                                                                                            \
            NULL, 0, 0                                                                                               \
        }                                                                                                            \
    }

/* Copies a text to the end of the list unless it is there already. */
void text_list_add(struct text_list *list, const char *text, size_t length);
/* Puts the texts from `first` on in the order of their octets. */
void text_list_sort(struct text_list *list, size_t first);
/* The text nearest to another, or NULL (see text_nearest()). */
const char *text_list_nearest(const struct text_list *list, const char *text);
/* Frees the texts. */
void text_list_release(struct text_list *list);

#endif
