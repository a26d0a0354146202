/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies of what a program lends for the time of a submit, released together. They may hold passwords, so they are
 * wiped. Used by one thread at a time.
 */
#ifndef MSTR_QUEUE_COPIES_H
#define MSTR_QUEUE_COPIES_H

#include <mstr/provider.h>
#include <stdbool.h>
#include <stddef.h>

struct copies {
    struct copy *first;
    bool failed; /* memory ran out: sticky, so that a run of copies is checked once */
};

/* All give NULL for NULL, and without memory. Octets are aligned for anything. */
void *copies_octets(struct copies *copies, const void *octets, size_t length);
const char *copies_text(struct copies *copies, const char *text);
const char *const *copies_texts(struct copies *copies, const char *const *texts, size_t count);
struct mstr_header *copies_pairs(struct copies *copies, const struct mstr_header *pairs, size_t count);
/* Puts copies in the place of the texts that are members of a structure, at these offsets. */
void copies_members(struct copies *copies, void *structure, const size_t *offsets, size_t count);
/* Wipes and frees all of them. */
void copies_release(struct copies *copies);

#endif
