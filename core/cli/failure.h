/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How failures are told on standard error, as text or as JSON, and which exit status they become: mstr(1), EXIT
 * STATUS.
 */
#ifndef MSTR_CLI_FAILURE_H
#define MSTR_CLI_FAILURE_H

#include "tool.h"

/* Exit statuses that commands give of themselves; others follow from an error's class. STATUS_NO_READER is what a
 * shell tells of a program that a broken pipe ended. */
enum {
    STATUS_DONE = 0,
    STATUS_UNEXPECTED = 1,
    STATUS_USAGE = 2,
    STATUS_CONFIG = 3,
    STATUS_NOT_FOUND = 4,
    STATUS_BUSY = 8,
    STATUS_SERVER = 10,
    STATUS_NO_READER = 141
};

/* Tells the failure in tool->error, and returns the exit status of its class. */
int tool_fail(struct tool *tool);
int tool_fail_with(struct tool *tool, const mstr_error *error);
/* `mstr: MESSAGE` with a hint to the command's help; STATUS_USAGE. */
int tool_usage(struct tool *tool, const char *format, ...) MSTR_PRINTF(2, 3);
/* There is no command of this name. */
int tool_unknown_command(struct tool *tool, const char *name);
/* `mstr: MESSAGE` for a failure of the tool itself; returns `status`. */
int tool_problem(struct tool *tool, int status, const char *format, ...) MSTR_PRINTF(3, 4);
/* Tells that output could not be written, or not before the run was over, and why; but not where its reader went
 * away, as `head` does. */
int tool_output_failed(struct tool *tool, const char *name, int failure);
int tool_status(const mstr_error *error);

#endif
