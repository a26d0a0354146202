/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command's table says, as text for whoever asks how it is used.
 */
#ifndef MSTR_CLI_HELP_H
#define MSTR_CLI_HELP_H

struct command;
struct output;

/* Writes how a command is used. */
void help_print(const struct command *command);
/* Writes what commands there are; they end with NULL. */
void help_overview(struct output *out, const struct command *const *commands);

#endif
