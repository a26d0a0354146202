/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the two sources of a worker share: the steps that somebody waits for (worker.c), and the duties that fall due
 * by time (duties.c). For them alone.
 */
#ifndef MSTR_FLEET_WORKER_PARTS_H
#define MSTR_FLEET_WORKER_PARTS_H

#include "fleet/machine.h"

enum { /* ms */
       POLL_MAX = 2 * 1000,
       BEAT_MIN = 24 * 1000, /* 30 s less and more 20 % */
       BEAT_SPREAD = 12 * 1000
};

static inline int64_t chance_below(const struct fleet_worker *worker, int64_t bound)
{
    return bound > 0 ? (int64_t)worker->chance.below(worker->chance.data, (uint64_t)bound) : 0;
}

/* How long a session may be idle before one of those who have it asks the server for it. */
static inline int64_t keep_period(const struct fleet_worker *worker)
{
    return worker->idle / 3;
}

/* Has the worker publish what is its own, or read what is there, at this time or sooner. */
static inline void refresh_by(struct fleet_worker *worker, int64_t at)
{
    worker->refresh_at = at < worker->refresh_at ? at : worker->refresh_at;
}

/* The server has refused the session at hand. */
static inline void drop(struct fleet_worker *worker)
{
    worker->dead = worker->alone ? worker->dead : worker->fence;
    worker->has = false;
    worker->alone = false;
    worker->own = false;
}

#endif
