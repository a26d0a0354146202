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
    bool stop_at_operand;         /* as in struct arguments */
    int (*run)(struct tool *tool, struct arguments *arguments);
};

extern const struct command command_get, command_run, command_inject, command_agent, command_api, command_projects,
    command_session, command_providers, command_config, command_doctor, command_fleet, command_completion,
    command_help;

/* The one of this name among `commands`, which end with NULL; NULL if there is none. */
const struct command *command_find(const struct command *const *commands, const char *name);

#endif
