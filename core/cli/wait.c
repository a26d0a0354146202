/* SPDX-License-Identifier: Apache-2.0 */
/* Looking again and again. */
#include "wait.h"

#include "deadline.h"
#include "failure.h"

#include <errno.h>

enum { PAUSE_FIRST = 200, PAUSE_MAX = 10000, UNSEEN_MAX = 60000 /* ms */ };

static enum mstr_code pause_for(struct tool *tool, const char *what, int64_t milliseconds)
{
    int failure = deadline_pause(tool, milliseconds);
    if (failure == ECANCELED) {
        return mstr_error_set(tool->error, MSTR_E_CANCELLED, "interrupted while %s was running", what);
    }
    return failure == 0 ? MSTR_OK : mstr_error_set(tool->error, MSTR_E_UNAVAILABLE, "%s has not ended in time", what);
}

int wait_until_over(struct tool *tool, const char *what,
                    int (*look)(struct tool *tool, void *data, enum wait_state *state), void *data)
{
    int64_t unseen = deadline_clock() + UNSEEN_MAX;
    bool begun = false;
    for (int64_t pause = PAUSE_FIRST;;) {
        enum wait_state state = WAIT_NOTHING;
        int status = look(tool, data, &state);
        if (status != STATUS_DONE || state == WAIT_OVER) {
            return status;
        }
        begun = begun || state == WAIT_RUNNING;
        if (!begun && deadline_clock() > unseen) {
            mstr_error_set(tool->error, MSTR_E_UNAVAILABLE,
                           "%s was begun a minute ago, and nothing is to be seen of it", what);
            return tool_fail(tool);
        }
        if (pause_for(tool, what, pause) != MSTR_OK) {
            return tool_fail(tool);
        }
        pause = begun && pause + pause / 2 < PAUSE_MAX ? pause + pause / 2 : pause;
    }
}
