/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command is: a const table, one in each command's file, from which it is found, parsed, run and told about.
 */
#ifndef MSTR_CLI_COMMAND_H
#define MSTR_CLI_COMMAND_H

#include "options.h"

struct tool;

struct command {
    const char *name;
    const char *const *synopsis;  /* lines after "mstr NAME"; ends with NULL */
    const char *summary;          /* one line */
    const struct option *options; /* ends with id 0; NULL = has none of its own */
    const struct option *passed;  /* the same of a program that the words are handed on to, which reads them itself */
    const char *const *examples;  /* whole command lines; ends with NULL; NULL = has none */
    const char *const *formats;   /* of --format, its default first; ends with NULL; NULL = has no such option */
    unsigned takes;               /* COMMAND_…: options that it shares with others of its kind */
    bool stop_at_operand;         /* as in struct arguments */
    int (*run)(struct tool *tool, struct arguments *arguments);
};

/* Writes data, which -o may send into a file; works on a session, which may be the saved one. */
enum { COMMAND_WRITES = 1u, COMMAND_HAS_SESSION = 2u };

extern const struct command command_get, command_run, command_inject, command_agent, command_report, command_cube,
    command_export, command_push, command_refresh, command_send, command_trigger, command_search, command_api,
    command_projects, command_session, command_providers, command_config, command_doctor, command_fleet,
    command_completion, command_version, command_help;

/* The one of this name among `commands`, which end with NULL; NULL if there is none. */
const struct command *command_find(const struct command *const *commands, const char *name);
/* What may have been meant by a name that none has; NULL = nothing that is near. */
const char *command_nearest(const struct command *const *commands, const char *name);

#endif
