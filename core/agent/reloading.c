/* SPDX-License-Identifier: Apache-2.0 */
/* Reloads that a signal asks for. */
#include "reloading.h"

#include "base/clock.h"
#include "systemd.h"

#include <stdio.h>

/* It reads files and logs out. Whoever started the agent is told before the latter, which may take as long as a
 * server does. */
static void reload(void *data)
{
    struct reloading *reloading = data;
    mstr_error *error = mstr_error_new(); /* for the log, which is all that a signal is answered by */
    char state[64];
    snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)clock_monotonic() * 1000);
    systemd_notify(state);
    agent_reload(reloading->agent, error);
    mstr_error_free(error);
    systemd_notify("READY=1");
    sessions_sweep(reloading->agent->sessions);
    reloading->busy = false;
    agent_wake(reloading->agent);
}

void reloading_begin(struct reloading *reloading)
{
    reloading->again = reloading->busy;
    if (!reloading->busy) {
        reloading->busy = true;
        reloading->job = (struct job){.run = reload, .data = reloading};
        if (!workers_put(reloading->agent->workers, &reloading->job)) {
            reloading->busy = false;
        }
    }
}

void reloading_go_on(struct reloading *reloading)
{
    if (reloading->again && !reloading->busy) {
        reloading_begin(reloading);
    }
}
