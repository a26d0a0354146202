/* SPDX-License-Identifier: Apache-2.0 */
/* The context of a run, its log, and the sessions made with it. */
#include "context.h"

#include "deadline.h"
#include "output.h"
#include "terminal.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const level_names[] = {"error", "warn", "info", "debug", "trace"};

static void log_line(enum mstr_level level, const char *scope, const char *message, void *data)
{
    if (deadline_await(data, STDERR_FILENO, POLLOUT) != 0) {
        return; /* whoever reads it takes nothing, and the run is over */
    }
    /* One write a line, from whatever thread: stdio's lock keeps lines whole. */
    fprintf(stderr, "%s %s: %s\n", level_names[level], scope, message);
}

/* What somebody should know of the agent though nobody asked for a log: why it is not used. */
static void warn_of_agent(enum mstr_level level, const char *scope, const char *message, void *data)
{
    (void)level;
    (void)data;
    if (strcmp(scope, "agent") == 0) {
        output_printf(output_notes, "mstr: %s\n", message);
    }
}

bool tool_log_level(struct tool *tool, const char *name)
{
    for (size_t i = 0; i < sizeof level_names / sizeof level_names[0]; i++) {
        if (strcmp(name, level_names[i]) == 0) {
            tool->options.log = log_line;
            tool->options.log_data = tool;
            tool->options.log_level = (enum mstr_level)i;
            return true;
        }
    }
    return false;
}

enum mstr_code tool_log(struct tool *tool)
{
    const char *level = getenv("MSTR_LOG");
    bool good = tool->options.log != NULL || level == NULL || *level == '\0' || tool_log_level(tool, level);
    return good ? MSTR_OK : mstr_error_set(tool->error, MSTR_E_USAGE, "MSTR_LOG: " TOOL_NO_LEVEL, level);
}

enum mstr_code tool_context(struct tool *tool)
{
    if (tool->context != NULL) {
        return MSTR_OK;
    }
    enum mstr_code code = tool_log(tool);
    if (tool->options.log == NULL) {
        tool->options.log = tool->quiet ? NULL : warn_of_agent;
        tool->options.log_level = MSTR_LEVEL_WARN;
    }
    tool->options.flags |= MSTR_CONTEXT_USE_AGENT;
    code = code == MSTR_OK ? mstr_context_new(&tool->options, &tool->context, tool->error) : code;
    if (code == MSTR_OK) {
        mstr_context_set_prompt(tool->context, terminal_ask, NULL);
    }
    return code;
}

mstr_call_options tool_call(const struct tool *tool)
{
    mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    call.timeout = deadline_left(tool);
    call.cancel = tool->cancel;
    return call;
}

enum mstr_code tool_session(struct tool *tool, const mstr_session_options *options, mstr_session **out)
{
    mstr_session_options all = *options;
    enum mstr_code code = tool_context(tool);
    all.flags |= MSTR_SESSION_AWAIT_LOGIN;
    all.profile = tool->profile;
    all.project = tool->project;
    all.timeout = deadline_left(tool);
    all.cancel = tool->cancel;
    if (code == MSTR_OK) {
        code = mstr_session_new(tool->context, &all, out, tool->error);
    }
    if (code == MSTR_OK) {
        mstr_call_options call = tool_call(tool);
        code = mstr_session_open(*out, &call, tool->error);
    }
    return code;
}

/* A run that was interrupted, or has used up its time, still logs out, but waits for that a second at most. */
static mstr_call_options logout_call(const struct tool *tool)
{
    enum { SHORTEST = 1000, LONGEST = 5000 };
    mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    int64_t left = deadline_interrupted(tool) ? SHORTEST : deadline_left(tool);
    call.flags = MSTR_CALL_LEAVE_DELEGATED;
    call.timeout = left == 0 || left > LONGEST ? LONGEST : left > SHORTEST ? left : SHORTEST;
    return call;
}

void tool_session_end(struct tool *tool, mstr_session *session)
{
    mstr_error *error = mstr_error_new();
    const mstr_call_options call = logout_call(tool);
    if (session != NULL && mstr_session_is_open(session) && mstr_session_logout(session, &call, error) != MSTR_OK) {
        if (!tool->json) {
            output_printf(output_notes, "mstr: the session was not logged out: %s\n", mstr_error_message(error));
        }
        mstr_session_forget(session);
    }
    mstr_session_free(session);
    mstr_error_free(error);
}
