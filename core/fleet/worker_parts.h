/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the sources of a worker share: the steps that somebody waits for (worker.c), the duties that fall due by time
 * (duties.c), and what it is told meanwhile (news.c). For them alone.
 */
#ifndef MSTR_FLEET_WORKER_PARTS_H
#define MSTR_FLEET_WORKER_PARTS_H

#include "fleet/machine.h"

enum { /* ms */
       POLL_MAX = 2 * 1000,
       HEARD_PAUSE = 250,    /* between two messages that are acted on */
       DOUBT = 1000,         /* within which all have what the server changed */
       BEAT_MIN = 24 * 1000, /* 30 s less and more 20 % */
       BEAT_SPREAD = 12 * 1000
};

static inline int64_t chance_below(const struct fleet_worker *worker, int64_t bound)
{
    return bound > 0 ? (int64_t)worker->chance.below(worker->chance.data, (uint64_t)bound) : 0;
}

/* What a store carries of each kind of question, a second: more workers ask more seldom. */
enum { QUESTIONS = 20 * 1000 };

/* ms over which as many questions as there are workers are spread. */
static inline int64_t spread_of(const struct fleet_worker *worker)
{
    return (int64_t)worker->members * 1000 / QUESTIONS;
}

static inline void rest(struct fleet_worker *worker)
{
    worker->phase = FLEET_RESTING;
    worker->polls = 0;
    worker->delayed = false;
}

/* How long a session may be idle before one of those who have it asks the server for it. */
static inline int64_t keep_period(const struct fleet_worker *worker)
{
    return worker->idle / 3;
}

/* Sees to the session's life so much later, give or take. */
static inline void keep_later(struct fleet_worker *worker, int64_t now, int64_t later)
{
    worker->keep_at = now + later + chance_below(worker, keep_period(worker) / 4 + 1);
}

/* Has the worker publish what is its own, or read what is there, at this time or sooner. */
static inline void refresh_by(struct fleet_worker *worker, int64_t at)
{
    worker->refresh_at = at < worker->refresh_at ? at : worker->refresh_at;
}

/* The session at hand has ended. */
static inline void drop(struct fleet_worker *worker)
{
    worker->dead = worker->alone ? worker->dead : worker->fence;
    worker->has = false;
    worker->own = false;
    worker->doubted = false;
}

/* The server has refused it. It may only have been changed, in an answer to somebody who is about to tell: until
 * then, for at most so many ms, nobody logs in. One that was idle for too long has ended. */
static inline void drop_in_doubt(struct fleet_worker *worker, int64_t now, int64_t most)
{
    drop(worker);
    worker->doubted = now - worker->used < worker->idle;
    worker->doubt_until = worker->doubted ? now + (most < DOUBT ? most : DOUBT) : 0;
}

#endif
