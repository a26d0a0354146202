/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers as JSON writes them, as those of C, where these can hold them. The locale plays no part. Pure.
 */
#ifndef MSTR_SESSION_TABLE_NUMBER_H
#define MSTR_SESSION_TABLE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The text is NUL-terminated. A whole number, however it is written ("1e3", "12.0"), within an int64_t. */
bool number_to_int64(const char *text, int64_t *number);
/* A number of at most 17 significant digits that is neither too large nor, but for 0, too small. */
bool number_to_double(const char *text, double *number);

#endif
