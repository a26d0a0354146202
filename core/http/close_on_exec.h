/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptors that libcurl opens for itself, made close-on-exec: before 8.9, pairs of sockets by which it wakes
 * itself and is woken by its resolver. It has no hook for them, but a new descriptor gets the lowest number that is
 * free, so whoever is about to have curl open some notes those numbers, and looks afterwards what has come to stand
 * there.
 */
#ifndef MSTR_HTTP_CLOSE_ON_EXEC_H
#define MSTR_HTTP_CLOSE_ON_EXEC_H

#include <stddef.h>

enum { FREE_NUMBERS = 8 }; /* of a pair, and of what other threads open meanwhile */

struct free_numbers {
    int numbers[FREE_NUMBERS];
    size_t count;
};

/* Notes the lowest free numbers. */
void free_numbers_note(struct free_numbers *free);
/* Has the pairs that took them close on exec, and forgets the numbers. What else stands there is of other threads. */
void free_numbers_close_on_exec(struct free_numbers *free);

#endif
