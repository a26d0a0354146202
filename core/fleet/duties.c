/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker of a fleet does because it is time. */
#include "fleet/duties.h"

#include "fleet/news.h"
#include "fleet/worker.h"
#include "fleet/worker_parts.h"

enum { LEASE_STEP = 5 * 1000, LEASE_MAX = 60 * 1000 }; /* ms */

/* When the lease is to be renewed; it is given up where a login takes too long. */
static int64_t renewal_of(const struct fleet_worker *worker)
{
    int64_t at = worker->lease_renewed + LEASE_STEP;
    return worker->lease != 0 && at < worker->lease_began + LEASE_MAX ? at : INT64_MAX;
}

void fleet_worker_refresh(struct fleet_worker *worker, int64_t now)
{
    int64_t wait = fleet_health_wait(worker->health, now);
    worker->refresh_at = INT64_MAX;
    if (!worker->has || worker->phase != FLEET_RESTING) {
        return;
    }
    if (wait > 0) {
        refresh_by(worker, now + wait + chance_below(worker, POLL_MAX));
        return;
    }
    worker->known = worker->fence;
    worker->phase = worker->own && !worker->alone ? FLEET_ACQUIRING : FLEET_READING;
}

enum fleet_duty fleet_worker_duty(struct fleet_worker *worker, int64_t now, int64_t *at)
{
    const struct {
        enum fleet_duty duty;
        int64_t at;
    } duties[] = {{FLEET_RENEW, renewal_of(worker)},
                  {FLEET_REFRESH, worker->refresh_at},
                  {FLEET_BEAT, worker->has ? worker->beat_at : INT64_MAX},
                  {FLEET_KEEP_ALIVE, worker->has && !worker->alone ? worker->keep_at : INT64_MAX}};
    *at = INT64_MAX;
    for (unsigned i = 0; i < sizeof(duties) / sizeof(*duties); i++) {
        if (duties[i].at <= now) {
            if (duties[i].duty == FLEET_REFRESH) {
                fleet_worker_refresh(worker, now);
            }
            return duties[i].duty;
        }
        *at = duties[i].at < *at ? duties[i].at : *at;
    }
    return FLEET_NO_DUTY;
}

/* Puts a session back that the store has lost, or one that nobody shares yet, while it is known to be good. */
static void restore(struct fleet_worker *worker, int64_t now, int64_t fence)
{
    if (now - worker->used <= keep_period(worker) * 2) {
        worker->own = true;
        worker->fence = fence == 0 ? 0 : worker->fence;
        refresh_by(worker, now + chance_below(worker, POLL_MAX));
    }
}

static void beaten(struct fleet_worker *worker, int64_t now, const struct fleet_report *report)
{
    worker->beat_at = now + BEAT_MIN + chance_below(worker, BEAT_SPREAD + 1);
    if (report->failed || !worker->has) {
        return;
    }
    worker->members = report->members;
    if (report->fence > worker->fence) {
        fleet_worker_heard(worker, now, worker->slot, report->fence);
    }
    if (worker->own && !worker->alone) {
        refresh_by(worker, now);
    } else if (report->fence == 0 || worker->alone) {
        restore(worker, now, report->fence);
    }
}

static void kept_alive(struct fleet_worker *worker, int64_t now, const struct fleet_report *report)
{
    int64_t period = keep_period(worker);
    bool mine = !report->failed && report->outcome == MSTR_STORE_DONE;
    int64_t left = !report->failed && report->outcome == MSTR_STORE_HELD ? report->left : period;
    keep_later(worker, now, left);
    if (mine && report->login == FLEET_LOGGED_IN) {
        worker->used = now;
    } else if (mine && report->login == FLEET_LOGIN_REFUSED) { /* it has ended: whoever wants one begins another */
        drop_in_doubt(worker, now, DOUBT);
    } else if (!report->failed && report->outcome == MSTR_STORE_HELD) {
        worker->used = now; /* somebody else sees to it */
    }
}

void fleet_worker_did(struct fleet_worker *worker, int64_t now, enum fleet_duty duty,
                      const struct fleet_report *report)
{
    if (duty == FLEET_RENEW) {
        bool lost = !report->failed && report->outcome != MSTR_STORE_DONE;
        worker->lease_renewed = now;
        worker->lease_began =
            lost ? INT64_MIN / 2 : worker->lease_began; /* not renewed again; the store will say so */
    } else if (duty == FLEET_BEAT) {
        beaten(worker, now, report);
    } else if (duty == FLEET_KEEP_ALIVE) {
        kept_alive(worker, now, report);
    }
}

bool fleet_worker_ends(const struct fleet_worker *worker, const struct fleet_report *left)
{
    return worker->rules->logout && worker->has && !worker->alone && !left->failed && left->members == 0;
}
