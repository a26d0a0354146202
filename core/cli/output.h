/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tool writes. Data goes to standard output through a small buffer which is wiped each time it has been
 * written; everything else goes to standard error. A write that fails (full disk, closed pipe, a reader who takes
 * nothing for longer than the run may last) is remembered and reported once, by output_finish().
 */
#ifndef MSTR_CLI_OUTPUT_H
#define MSTR_CLI_OUTPUT_H

#include <mstr/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct output;
struct tool;

/* Standard output and standard error. */
extern struct output *const output_data;
extern struct output *const output_notes;

/* From now on writing waits for a reader no longer than this run lasts, which is ended by a NULL. */
void output_limit(const struct tool *tool);
void output_write(struct output *output, const void *octets, size_t length);
void output_puts(struct output *output, const char *text);
/* A path or what was made of one, which may hold anything: control characters become blanks, as in errors. */
void output_clean(struct output *output, const char *text);
/* For lines without secrets, at most 1 KiB; what is longer is cut. */
void output_printf(struct output *output, const char *format, ...) MSTR_PRINTF(2, 3);
/* A quoted and escaped JSON string; octets that are not UTF-8 become U+FFFD. NULL gives null. */
void output_json(struct output *output, const char *text);
void output_json_octets(struct output *output, const char *octets, size_t length);
/* `"name": "text"` with `before` in front. */
void output_member(struct output *output, const char *before, const char *name, const char *text);
/* Ends a list that each member began with "[" or ",": one without members is written only where it is the whole. */
void output_list_end(struct output *output, size_t count, bool whole);
void output_base64(struct output *output, const void *octets, size_t length);
/* In single quotes for a POSIX shell. */
void output_quoted(struct output *output, const char *octets, size_t length);
/* The character that the octets begin with, and how many make it; 0 where they are no UTF-8. */
size_t output_character(const char *octets, size_t length, unsigned *character);
/* Whether a terminal shows it as itself: no control character, none that turns or hides text. */
bool output_is_plain(unsigned character);
bool output_is_utf8(const char *octets, size_t length);
/* Writes what is still in the buffer. */
void output_flush(struct output *output);
/* From now on, data goes to this descriptor, which its owner closes after output_restore(). */
void output_redirect(int descriptor);
/* From now on, data goes to standard output again; 0, or the errno of a write to the other descriptor that failed. */
int output_restore(void);
/* The errno of the first write that failed, 0 if none did. */
int output_failure(const struct output *output);
/* Flushes both; 0, or the errno of the first write of data that failed. */
int output_finish(void);

#endif
