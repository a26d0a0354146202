/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands that the tool has. Only main() knows them all; what else needs the list gets it with the run.
 */
#ifndef MSTR_CLI_COMMANDS_H
#define MSTR_CLI_COMMANDS_H

#include "command.h"

/* In the order of the help text; ends with NULL. */
extern const struct command *const commands[];

#endif
