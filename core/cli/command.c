/* SPDX-License-Identifier: Apache-2.0 */
/* Finding a command by its name. */
#include "command.h"

#include "nearest.h"

#include <string.h>

const struct command *command_find(const struct command *const *commands, const char *name)
{
    while (*commands != NULL && strcmp((*commands)->name, name) != 0) {
        commands++;
    }
    return *commands;
}

const char *command_nearest(const struct command *const *commands, const char *name)
{
    struct nearest nearest = {.word = name, .length = strlen(name)};
    for (; *commands != NULL; commands++) {
        nearest_try(&nearest, (*commands)->name);
    }
    return nearest.best;
}
