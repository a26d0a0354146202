/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small questions about C strings that several floors ask. ASCII rules throughout: the locale belongs to the program.
 * Pure; part of the helpers that plugins may compile in.
 */
#ifndef MSTR_BASE_TEXT_H
#define MSTR_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool text_equal_nocase(const char *a, const char *b);
/* Less than, equal to or greater than 0, as strcmp(). */
int text_compare_nocase(const char *a, const char *b);
/* The same for the first octets of both, or all if they end before. */
bool text_equal_nocase_length(const char *a, const char *b, size_t length);
/* Makes the capitals small, in place. */
void text_lower(char *text);
bool text_starts_with(const char *text, const char *prefix);
bool text_ends_with(const char *text, const char *suffix);
/* True for NULL and "". */
bool text_empty(const char *text);
/* A copy for free(); NULL without memory or for NULL. */
char *text_copy(const char *text);
char *text_copy_length(const char *text, size_t length);
/* Wipes, then frees; NULL is accepted. */
void text_wipe_free(char *text);
/* Cuts white space (space, tab, CR, LF) off both ends in place; returns the new start. */
char *text_trim(char *text);
/* The whole text as a decimal number; false on anything else or overflow. */
bool text_to_int64(const char *text, int64_t *number);
/* True if every octet is in `allowed` or alphanumeric. */
bool text_is_made_of(const char *text, const char *allowed);
/* The candidate with the smallest edit distance, if it is near enough to be meant; else NULL. `next` yields
 * candidates until NULL. */
const char *text_nearest(const char *word, const char *(*next)(void *data), void *data);
/* Well-formed UTF-8 (RFC 3629) without NUL. */
bool text_is_utf8(const char *text, size_t length);

#endif
