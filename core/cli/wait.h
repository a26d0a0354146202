/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting for what the server does in the background, and what it shows of that only now and then: what it says of
 * the last time is never taken for the end of this one.
 */
#ifndef MSTR_CLI_WAIT_H
#define MSTR_CLI_WAIT_H

#include "tool.h"

enum wait_state {
    WAIT_NOTHING, /* as before it was begun */
    WAIT_RUNNING,
    WAIT_OVER
};

/* Looks again and again, after ever longer pauses, until it is over: STATUS_DONE; or the status of a look, which has
 * been told, of an interrupt or of --timeout. Where nothing is seen to begin for a minute, that is told, as nobody
 * knows then. `what` is the subject of messages. */
int wait_until_over(struct tool *tool, const char *what,
                    int (*look)(struct tool *tool, void *data, enum wait_state *state), void *data);

#endif
