/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command's work on a session: one of its own, which is logged out behind it, or the saved one, which stays open.
 */
#ifndef MSTR_CLI_SESSION_USE_H
#define MSTR_CLI_SESSION_USE_H

#include "tool.h"

/* Calls `work` with an open session, as --session and --project say; its status, or that of what failed around it,
 * which has been told. A saved session is saved anew where the work changed it. */
int tool_work(struct tool *tool, int (*work)(struct tool *tool, mstr_session *session, void *data), void *data);

#endif
