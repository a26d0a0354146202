/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command lines to arguments, without a shell.
 */
#ifndef MSTR_PROVIDERS_SDK_PROCESS_SPLIT_H
#define MSTR_PROVIDERS_SDK_PROCESS_SPLIT_H

/* Splits a command line at blanks. "…" and '…' keep blanks; a backslash keeps the next character, except within '…'.
 * Nothing else is special. NULL for an open quote or an empty line, and with errno ENOMEM without memory. */
char **process_split(const char *command);
/* Wipes; NULL is accepted. */
void process_free_arguments(char **arguments);

#endif
