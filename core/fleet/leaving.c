/* SPDX-License-Identifier: Apache-2.0 */
/* What the last worker that leaves takes with it. */
#include "fleet/leaving.h"

#include "base/clock.h"
#include "fleet/duties.h"

#include <string.h>

enum { LEAVE_TIME = 2 * 1000, OTHERS_TIME = 5 * 1000 }; /* ms; what is not ended by then ends by itself */

/* The record first: whoever comes meanwhile begins another session. */
static void end_other(const struct fleet_seat *seat, unsigned number, const struct limits *limits)
{
    const struct ledger_account *account = &seat->slot->account->ledger;
    struct fleet_report found = {.failed = true};
    struct fleet_report gone = {.failed = true};
    struct ledger_session session = {.state = NULL};
    ledger_read(account, number, 0, limits, &found, &session, NULL);
    if (session.state != NULL) {
        ledger_remove(account, number, found.fence, limits, &gone, NULL);
    }
    if (!gone.failed && gone.outcome == MSTR_STORE_DONE) {
        seat->port->log_out(seat->data, session.state, limits);
    }
    mstr_secret_release(session.state);
}

bool leaving_end(const struct fleet_seat *seat)
{
    const struct slot *slot = seat->slot;
    struct fleet *fleet = slot->account->fleet;
    const struct limits limits = {clock_monotonic() + LEAVE_TIME, NULL};
    struct fleet_report left = {.failed = true};
    struct fleet_report gone = {.failed = true};
    const struct fleet_worker machine = slot->machine;
    bool told = machine.has && fleet_health_usable(&fleet->health, clock_monotonic());
    char member[LEDGER_MEMBER];
    memcpy(member, fleet->member, sizeof(member));
    pthread_mutex_unlock(&fleet->mutex);
    if (told && fleet->options.rules.logout) {
        ledger_leave(&slot->account->ledger, member, &limits, &left, NULL);
    }
    bool last = fleet_worker_ends(&machine, &left);
    if (last) {
        ledger_remove(&slot->account->ledger, machine.slot, machine.fence, &limits, &gone, NULL);
    }
    const struct limits others = {clock_monotonic() + OTHERS_TIME, NULL};
    for (unsigned i = 0; last && i < fleet->options.rules.sessions; i++) {
        if (i != machine.slot) {
            end_other(seat, i, &others);
        }
    }
    pthread_mutex_lock(&fleet->mutex);
    return !gone.failed && gone.outcome == MSTR_STORE_DONE;
}
