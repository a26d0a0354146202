/* SPDX-License-Identifier: Apache-2.0 */
/* Finding a command by its name. */
#include "command.h"

#include <string.h>

const struct command *command_find(const struct command *const *commands, const char *name)
{
    while (*commands != NULL && strcmp((*commands)->name, name) != 0) {
        commands++;
    }
    return *commands;
}
