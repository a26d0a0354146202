/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tool reads: standard input, and files that may be pipes. Whoever should write into them is waited for
 * until the run's deadline, or until it is interrupted.
 */
#ifndef MSTR_CLI_INPUT_H
#define MSTR_CLI_INPUT_H

#include "tool.h"

#include <sys/types.h>

/* Opens a file without waiting for a writer, for input_read(). -1 with errno set. */
int input_open(const char *path);
/* Reads what comes next: how many octets; 0 at the end; -1 after having put the reason into tool->error, which begins
 * with `name`. */
ssize_t input_read(struct tool *tool, int descriptor, const char *name, void *into, size_t capacity);
/* The whole content, at most 64 MiB, for free(), with its length; NULL after having put the reason into
 * tool->error. */
char *input_read_all(struct tool *tool, int descriptor, const char *name, size_t *length);
/* The same of a file, or of standard input for "-", as a text that ends with its NUL and has none within. */
char *input_read_text(struct tool *tool, const char *path);

#endif
