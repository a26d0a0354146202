/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state of one run of the tool, which main() makes and the command gets: what the common options said, and what
 * was made from them. What can be done with it stands in context.h, common_options.h and failure.h.
 */
#ifndef MSTR_CLI_TOOL_H
#define MSTR_CLI_TOOL_H

#include <mstr/mstr.h>
#include <signal.h>
#include <stdbool.h>

struct command;

struct tool {
    const struct command *const *commands; /* all there are; ends with NULL */
    const struct command *command;         /* the one that runs */
    mstr_context_options options;          /* from the common options */
    const char *profile;
    int64_t deadline; /* on deadline_clock(), from --timeout; 0 = none */
    bool json;
    bool quiet;               /* nothing is told but data and failures */
    const char *format;       /* one of the command's; NULL where it has none, or was not said */
    const char *output;       /* the file that takes the data; NULL, "-" = standard output */
    const char *project;      /* of the sessions of the run; NULL = the profile's */
    bool saved;               /* the saved session is used, */
    const char *session_file; /* of this file; NULL = of the profile's own */
    bool ignores_pipe;        /* SIGPIPE was ignored at the start, as `run` hands it on */
    bool help;                /* was asked for, in place of what the command does */
    mstr_cancel *cancel;
    const volatile sig_atomic_t *interrupted; /* nonzero once it is; NULL = cannot be */
    mstr_error *error;
    mstr_context *context; /* NULL before tool_context() */
};

#endif
