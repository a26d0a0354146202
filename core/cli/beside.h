/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `run` where the tool stays beside its command: to mask what it writes, and to act when a value changes.
 */
#ifndef MSTR_CLI_BESIDE_H
#define MSTR_CLI_BESIDE_H

#include "environment.h"
#include "watch.h"

/* ms that a command which is restarted has to end by itself (contract of the tool, run). */
enum { BESIDE_GRACE = 10000 };

struct beside {
    char *const *command; /* ends with NULL */
    const struct environment *environment;
    bool masks;
    bool watches;
    int signal; /* on a change; 0 = the command is restarted */
    struct watch_times times;
    int64_t grace; /* BESIDE_GRACE, but in tests */
};

/* Runs the command with the environment of these answers, which are released. The command's status, or why it could
 * not be run. */
int beside_run(struct tool *tool, const struct beside *beside, struct asked *asked);
/* Tells why a command could not be run, and returns the status that shells give then. */
int beside_tell(struct tool *tool, const char *command, int reason, const struct variables *variables);

#endif
