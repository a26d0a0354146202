/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker of a fleet is told. */
#include "fleet/news.h"

#include "fleet/worker_parts.h"

enum { LAZY_CHANGE = 30 * 1000 /* ms; of cookies that a balancer changes with every answer */ };

void fleet_worker_used(struct fleet_worker *worker, int64_t now)
{
    worker->used = now;
}

/* The session that somebody was refused is good, as another one here was told of it. What was begun for want of one
 * goes on where a question is under way, as its answer is yet to come: it leads to publishing by then. */
static void bring_back(struct fleet_worker *worker)
{
    worker->has = true;
    worker->doubted = false;
    if (worker->phase == FLEET_WAITING || worker->phase == FLEET_DELAYING || worker->phase == FLEET_FAILING) {
        rest(worker);
    }
}

bool fleet_worker_changed(struct fleet_worker *worker, int64_t now, uint64_t generation, bool at_once)
{
    if (generation != worker->generation || !(worker->has || (at_once && worker->doubted))) {
        return false;
    }
    if (!worker->has) {
        bring_back(worker);
    }
    worker->own = !worker->alone;
    worker->again = true;
    worker->generation += at_once;
    if (worker->own) {
        refresh_by(worker, at_once ? now : now + LAZY_CHANGE);
    }
    return true;
}

void fleet_worker_heard(struct fleet_worker *worker, int64_t now, unsigned slot, int64_t fence)
{
    int64_t spread = chance_below(worker, spread_of(worker) + 1);
    int64_t at = worker->heard + HEARD_PAUSE > now ? worker->heard + HEARD_PAUSE : now;
    if (slot != worker->slot || fence <= worker->seen) {
        return;
    }
    worker->heard = at;
    if (worker->phase == FLEET_WAITING) {
        worker->until = worker->until < at + spread ? worker->until : at + spread;
    } else if (worker->has) {
        refresh_by(worker, at + spread);
    }
}
