/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run works with, made on first use from what the common options said: a context, and sessions that end with
 * the run. A context asks at the terminal what only a person knows, and logs to standard error.
 */
#ifndef MSTR_CLI_CONTEXT_H
#define MSTR_CLI_CONTEXT_H

#include "tool.h"

/* Has the context log from this level on; false if there is none of this name, and TOOL_NO_LEVEL says so. */
bool tool_log_level(struct tool *tool, const char *name);
#define TOOL_NO_LEVEL "there is no log level \"%.40s\"; there are error, warn, info, debug and trace"
/* Has it log as MSTR_LOG says, where no option did; MSTR_E_USAGE, which is in tool->error. */
enum mstr_code tool_log(struct tool *tool);

/* Makes the context on first use. MSTR_OK, or a failure which is in tool->error. */
enum mstr_code tool_context(struct tool *tool);
/* The options of a library call: the timeout and the cancellation of this run. */
mstr_call_options tool_call(const struct tool *tool);

/* Makes the context and opens a session of the selected profile. */
enum mstr_code tool_session(struct tool *tool, const mstr_session_options *options, mstr_session **out);
/* Logs out within the run's deadline, for which there is at least a second, and frees. A failed logout is a note: the
 * work is done. */
void tool_session_end(struct tool *tool, mstr_session *session);

#endif
