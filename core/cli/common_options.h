/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options that every command has, taken in while a command reads its own.
 */
#ifndef MSTR_CLI_COMMON_OPTIONS_H
#define MSTR_CLI_COMMON_OPTIONS_H

#include "options.h"
#include "tool.h"

/* --config, --profile, --log, --timeout, --json, --help. */
extern const struct option tool_common_options[];

/* The command's next option or operand, as arguments_next(); common options are taken in here. ARGUMENT_WRONG has
 * been told when it returns, or stands for --help, which main() answers. */
int tool_next(struct tool *tool, struct arguments *arguments, const char **value);
/* For commands that take no operand: ARGUMENT_END, or ARGUMENT_WRONG after having told about what is there. */
int tool_no_more(struct tool *tool, struct arguments *arguments);

#endif
