/*
 * What the commands of the tool share: the common options, the context made from them, cancellation by SIGINT, and
 * how failures are told and become an exit status. One file a command; each gives its description as a const struct
 * command.
 */
#ifndef MSTR_CLI_TOOL_H
#define MSTR_CLI_TOOL_H

#include "options.h"
#include "output.h"

#include <mstr/mstr.h>

/* Exit statuses that commands give of themselves; others follow from an error's class. */
enum { STATUS_DONE = 0, STATUS_UNEXPECTED = 1, STATUS_USAGE = 2, STATUS_CONFIG = 3, STATUS_NOT_FOUND = 4 };

struct tool {
    const struct command *command;
    mstr_context_options options; /* from the common options */
    const char *profile;
    int64_t timeout; /* ms; 0 = the library's default */
    bool json;
    bool ignores_pipe; /* SIGPIPE was ignored at the start, as `run` hands it on */
    bool help;         /* was asked for, in place of what the command does */
    mstr_cancel *cancel;
    mstr_error *error;
    mstr_context *context; /* NULL before tool_context() */
};

struct command {
    const char *name;
    const char *const *synopsis;  /* lines after "mstr NAME"; ends with NULL */
    const char *summary;          /* one line */
    const struct option *options; /* ends with id 0 */
    bool stop_at_operand;
    int (*run)(struct tool *tool, struct arguments *arguments);
};

extern const struct command command_get, command_run, command_api, command_projects, command_session,
    command_providers, command_config, command_doctor, command_help;

/* The commands in the order of the help text; ends with NULL. */
extern const struct command *const tool_commands[];
const struct command *tool_find(const char *name);
/* Writes how a command is used. */
void tool_help(const struct command *command);
/* --config, --profile, --log, --timeout, --json, --help. */
extern const struct option tool_common_options[];

/* The command's next option or operand, as arguments_next(); common options are taken in here. ARGUMENT_WRONG has
 * been told when it returns, or stands for --help, which main() answers. */
int tool_next(struct tool *tool, struct arguments *arguments, const char **value);
/* For commands that take no operand: ARGUMENT_END, or ARGUMENT_WRONG after having told about what is there. */
int tool_no_more(struct tool *tool, struct arguments *arguments);

/* Makes the context on first use. MSTR_OK, or a failure which is in tool->error. */
enum mstr_code tool_context(struct tool *tool);
/* The options of a library call: the timeout and the cancellation of this run. */
mstr_call_options tool_call(const struct tool *tool);

/* Makes the context and opens a session of the selected profile. */
enum mstr_code tool_session(struct tool *tool, const mstr_session_options *options, mstr_session **out);
/* Logs out and frees. A failed logout is a note: the work is done. */
void tool_session_end(struct tool *tool, mstr_session *session);

/* Tells the failure in tool->error, and returns the exit status of its class. */
int tool_fail(struct tool *tool);
int tool_fail_with(struct tool *tool, const mstr_error *error);
/* `mstr: MESSAGE` with a hint to the command's help; STATUS_USAGE. */
int tool_usage(struct tool *tool, const char *format, ...) MSTR_PRINTF(2, 3);
/* `mstr: MESSAGE` for a failure of the tool itself; returns `status`. */
int tool_problem(struct tool *tool, int status, const char *format, ...) MSTR_PRINTF(3, 4);
int tool_status(const mstr_error *error);

#endif
