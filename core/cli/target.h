/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a command's data goes: to standard output as it comes, to standard output once all of it is there, or into a
 * file that is whole or not touched.
 */
#ifndef MSTR_CLI_TARGET_H
#define MSTR_CLI_TARGET_H

#include "tool.h"

struct target {
    const char *file; /* NULL, "-" = standard output */
    bool spool;       /* held back until the work is done; a file is so anyway */
};

/* Whether a person reads at once what is written. */
bool target_is_shown(const struct target *target);
/* Calls `work`, whose data goes there; its status, or that of a failure to write, which has been told or, of standard
 * output, is told in the end. */
int target_write(struct tool *tool, const struct target *target, int (*work)(struct tool *tool, void *data),
                 void *data);

#endif
