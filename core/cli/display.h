/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names and messages from elsewhere on their way to a terminal. What would move its cursor, change the order of its
 * letters or hide some of them is shown as an escape, so that a name cannot pass for another one, or for a line of
 * its own.
 */
#ifndef MSTR_CLI_DISPLAY_H
#define MSTR_CLI_DISPLAY_H

#include "output.h"

/* Writes a text, with control, bidirectional and zero-width characters as \u{XXXX}, and octets that are no UTF-8 as
 * \xXX. NULL is passed over. */
void display(struct output *output, const char *text);
/* The same of octets, which may be NUL. */
void display_octets(struct output *output, const char *text, size_t length);
/* The same, but that ends of lines and tabs stay. What may be the begin of a character at the end is left: how many
 * octets were taken, all of them where `last`. */
size_t display_text(struct output *output, const char *text, size_t length, bool last);

#endif
