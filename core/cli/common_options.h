/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options that every command has, taken in while a command reads its own.
 */
#ifndef MSTR_CLI_COMMON_OPTIONS_H
#define MSTR_CLI_COMMON_OPTIONS_H

#include "options.h"
#include "tool.h"

/* --config, --profile, --log, --timeout, --json, --agent, --quiet, --help. */
extern const struct option tool_common_options[];
/* All that a command takes besides these: its own table, what it shares with others of its kind, and last what it
 * hands on. */
enum { COMMAND_TABLES = 6 };
void command_tables(const struct command *command, const struct option *tables[COMMAND_TABLES]);

/* The command's next option or operand, as arguments_next(); common options are taken in here. ARGUMENT_WRONG has
 * been told when it returns, or stands for --help, which main() answers. */
int tool_next(struct tool *tool, struct arguments *arguments, const char **value);
/* For commands that take no operand: ARGUMENT_END, or ARGUMENT_WRONG after having told about what is there. */
int tool_no_more(struct tool *tool, struct arguments *arguments);

/* The one operand of a command; STATUS_DONE, or STATUS_USAGE after having told why not. */
int tool_take_operand(struct tool *tool, const char **operand, const char *value);

/* Calls `work`, whose data goes where --output says; its status. */
int tool_write(struct tool *tool, int (*work)(struct tool *tool, void *data), void *data);
/* Whether a person reads at once what is written there. */
bool tool_is_shown(const struct tool *tool);

#endif
