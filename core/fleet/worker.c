/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker of a fleet does next. */
#include "fleet/worker.h"

#include "fleet/worker_parts.h"

enum { /* ms */
       POLL_MIN = 250,
       ALONE_DELAY = 30 * 1000,
       ALONE_PAUSE = 10 * 60 * 1000
};

void fleet_worker_begin(struct fleet_worker *worker, const struct fleet_rules *rules, struct fleet_health *health,
                        const struct fleet_chance *chance, unsigned home, int64_t now)
{
    *worker = (struct fleet_worker){.rules = rules,
                                    .health = health,
                                    .chance = *chance,
                                    .home = home % rules->sessions,
                                    .slot = home % rules->sessions,
                                    .refresh_at = INT64_MAX,
                                    .heard = now - HEARD_PAUSE,
                                    .idle = FLEET_IDLE_DEFAULT};
    worker->beat_at = now + chance_below(worker, BEAT_MIN + BEAT_SPREAD);
    keep_later(worker, now, keep_period(worker));
}

static void fail(struct fleet_worker *worker, enum fleet_reason reason)
{
    worker->phase = FLEET_FAILING;
    worker->reason = reason;
}

static void go_to(struct fleet_worker *worker, unsigned slot)
{
    worker->seen = slot == worker->slot ? worker->seen : 0;
    worker->dead = slot == worker->slot ? worker->dead : 0;
    worker->slot = slot;
}

static void wait_until(struct fleet_worker *worker, int64_t until)
{
    worker->phase = FLEET_WAITING;
    worker->until = until;
}

/* Waits for what others do: each time longer, and longer where there are many. */
static void wait_for_others(struct fleet_worker *worker, int64_t now)
{
    int64_t wait = POLL_MIN << (worker->polls < 3 ? worker->polls : 3);
    int64_t spread = spread_of(worker);
    wait = wait > spread ? wait : spread;
    wait += chance_below(worker, wait / 2);
    worker->polls++;
    wait_until(worker, now + (wait < POLL_MAX ? wait : POLL_MAX));
}

/* Logs in, after which nothing brings back the session before. */
static void log_in(struct fleet_worker *worker, enum fleet_phase phase)
{
    worker->doubted = false;
    worker->phase = phase;
}

/* When it goes alone: not before the store may be asked once more, if there is time for that. */
static int64_t choose_delay(const struct fleet_worker *worker, int64_t now)
{
    int64_t half = (worker->deadline - now) / 2;
    int64_t most = half < ALONE_DELAY ? half : ALONE_DELAY;
    int64_t pause = fleet_health_wait(worker->health, now);
    int64_t least = pause < most ? pause : 0;
    return least + chance_below(worker, most - least);
}

/* Without a session and without a fleet: what each worker may do by itself. A session-limit answer stops it, lest it
 * take what others need. */
static void go_alone(struct fleet_worker *worker, int64_t now, enum fleet_reason reason)
{
    worker->reason = reason;
    if (worker->rules->on_failure != FLEET_LOCAL) {
        fail(worker, reason);
    } else if (now < worker->limited_until) {
        fail(worker, FLEET_LIMITED);
    } else if (now < worker->next_alone) {
        fail(worker, reason);
    } else if (worker->delayed) {
        log_in(worker, FLEET_GOING_ALONE);
    } else {
        worker->delayed = true;
        worker->phase = FLEET_DELAYING;
        worker->until = now + choose_delay(worker, now);
    }
}

/* Goes on with what it has, if only a login that nobody else will know of; false if it has nothing. */
static bool keep_own(struct fleet_worker *worker, int64_t now)
{
    if (!worker->has && worker->own) {
        worker->has = true;
        worker->alone = true;
        worker->own = false;
        worker->generation++;
        worker->taken++;
        worker->used = now;
    }
    if (worker->has) {
        rest(worker);
    }
    return worker->has;
}

/* The store is of no use. */
static void do_without(struct fleet_worker *worker, int64_t now)
{
    if (keep_own(worker, now)) {
        return;
    }
    if (now < worker->doubt_until) {
        wait_until(worker, worker->doubt_until);
    } else if (worker->rules->on_failure == FLEET_KEEP) {
        int64_t wait = fleet_health_wait(worker->health, now);
        wait_until(worker, now + (wait > POLL_MIN ? wait : POLL_MIN));
    } else {
        go_alone(worker, now, FLEET_STORE_DOWN);
    }
}

static void store_failed(struct fleet_worker *worker, int64_t now)
{
    worker->lease = 0;
    do_without(worker, now);
}

/* Looks for a session at all other slots, one after the other. */
static void visit_next(struct fleet_worker *worker)
{
    worker->visited++;
    if (worker->visited >= worker->rules->sessions) {
        go_to(worker, worker->home);
        fail(worker, FLEET_LIMITED);
    } else {
        go_to(worker, (worker->home + worker->visited) % worker->rules->sessions);
        worker->phase = FLEET_VISITING;
    }
}

static void visit(struct fleet_worker *worker)
{
    worker->visited = 0;
    worker->doubted = false; /* it is another slot's */
    visit_next(worker);
}

static void look(struct fleet_worker *worker, int64_t now)
{
    if (!fleet_health_usable(worker->health, now)) {
        do_without(worker, now);
    } else if (!worker->has && now < worker->closed_until) {
        visit(worker);
    } else {
        worker->phase = FLEET_READING;
    }
}

void fleet_worker_want(struct fleet_worker *worker, int64_t now, uint64_t dead, int64_t patience)
{
    worker->deadline = patience < INT64_MAX - now ? now + patience : INT64_MAX;
    if (worker->has && dead == worker->generation) {
        drop_in_doubt(worker, now, patience / 2);
    }
    if (worker->phase == FLEET_FAILING) {
        rest(worker);
    }
    if (!worker->has && worker->phase == FLEET_RESTING) {
        look(worker, now);
    }
}

struct fleet_order fleet_worker_next(const struct fleet_worker *worker, int64_t now)
{
    static const enum fleet_step steps[] = {
        [FLEET_READING] = FLEET_READ,
        [FLEET_ASKING] = FLEET_READ_REFUSALS,
        [FLEET_ACQUIRING] = FLEET_ACQUIRE,
        [FLEET_CHECKING] = FLEET_READ_REFUSALS,
        [FLEET_LOGGING_IN] = FLEET_LOG_IN,
        [FLEET_PUBLISHING] = FLEET_PUBLISH,
        [FLEET_NOTING] = FLEET_PUT_REFUSALS,
        [FLEET_CLOSING] = FLEET_CLOSE_SLOT,
        [FLEET_RELEASING] = FLEET_RELEASE,
        [FLEET_WAITING] = FLEET_WAIT,
        [FLEET_VISITING] = FLEET_READ,
        [FLEET_DELAYING] = FLEET_WAIT,
        [FLEET_GOING_ALONE] = FLEET_LOG_IN_ALONE,
        [FLEET_FAILING] = FLEET_FAIL,
    };
    struct fleet_order order = {.step = steps[worker->phase],
                                .slot = worker->slot,
                                .wait = worker->until > now ? worker->until - now : 0,
                                .known = worker->known,
                                .fence = worker->lease,
                                .reason = worker->reason};
    if (worker->phase == FLEET_RESTING) {
        order.step = worker->has ? FLEET_USE : FLEET_REST;
    }
    return order;
}

/* How long the server keeps the session that comes. A record serves no longer than its age allows. */
static void learn_idle(struct fleet_worker *worker, const struct fleet_report *report)
{
    int64_t idle = report->idle > 0 ? report->idle : FLEET_IDLE_DEFAULT;
    idle = idle > FLEET_IDLE_MIN ? idle : FLEET_IDLE_MIN;
    worker->idle = idle < FLEET_RECORD_MAX_AGE ? idle : FLEET_RECORD_MAX_AGE;
}

/* Takes what a record holds. Where the last one is to log out, the others have to know of this one before it may
 * be. */
static void take(struct fleet_worker *worker, int64_t now, int64_t fence)
{
    worker->has = true;
    worker->alone = false;
    worker->own = false;
    worker->generation++;
    worker->taken++;
    worker->doubted = false;
    worker->fence = fence;
    worker->seen = fence;
    worker->used = now;
    keep_later(worker, now, keep_period(worker));
    if (worker->rules->logout && worker->members == 0) {
        worker->beat_at = now;
    }
    rest(worker);
}

/* There is no session to be had from the slot. */
static void replace(struct fleet_worker *worker, int64_t now, int64_t fence)
{
    worker->known = fence;
    if (!worker->own && now < worker->doubt_until) {
        wait_until(worker, worker->doubt_until);
    } else {
        worker->phase = worker->own ? FLEET_ACQUIRING : FLEET_ASKING;
    }
}

/* A record that opened. */
static void read_opened(struct fleet_worker *worker, int64_t now, const struct fleet_report *report)
{
    bool session = report->kind == FLEET_SESSION;
    bool drained = report->kind == FLEET_DRAINED;
    bool newer = report->fence > worker->dead && (!worker->has || worker->alone || report->fence > worker->fence);
    worker->seen = report->fence > worker->seen ? report->fence : worker->seen;
    if (drained && !worker->has) { /* which is no doubt an end */
        worker->doubted = false;
        worker->doubt_until = 0;
    }
    if (session && newer) {
        learn_idle(worker, report);
        take(worker, now, report->fence);
    } else if (drained && newer && worker->has && !worker->alone) { /* whoever wants one begins another */
        drop(worker);
        rest(worker);
    } else if (worker->has && !worker->alone && !worker->own) { /* it is the record at hand */
        rest(worker);
    } else if (session || (drained && (worker->own || !worker->has))) {
        replace(worker, now, report->fence);
    } else if (worker->has) { /* alone, at a slot that is closed or was drained */
        rest(worker);
    } else {
        worker->closed_until = now + report->left;
        visit(worker);
    }
}

static void read_slot(struct fleet_worker *worker, int64_t now, const struct fleet_report *report)
{
    bool forged = report->verdict == FLEET_TAMPERED || report->verdict == FLEET_REPLAYED;
    if (report->failed || report->verdict == FLEET_NO_MEMORY ||
        (forged && fleet_health_forged(worker->health, now))) {
        store_failed(worker, now);
    } else if (report->verdict == FLEET_OPENED) {
        read_opened(worker, now, report);
    } else if (worker->has && !worker->own) {
        rest(worker);
    } else if (report->verdict == FLEET_UNKNOWN_KEY || report->verdict == FLEET_NEWER) { /* never overwritten */
        if (!keep_own(worker, now)) {
            go_alone(worker, now, FLEET_KEY_UNKNOWN);
        }
    } else {
        replace(worker, now, report->fence);
    }
}

static void read_other_slot(struct fleet_worker *worker, int64_t now, const struct fleet_report *report)
{
    if (report->failed) {
        go_to(worker, worker->home);
        fail(worker, FLEET_LIMITED); /* no private login follows */
    } else if (report->verdict == FLEET_OPENED && report->kind == FLEET_SESSION && report->fence > worker->dead) {
        learn_idle(worker, report);
        take(worker, now, report->fence);
    } else {
        visit_next(worker);
    }
}

static void acquired(struct fleet_worker *worker, int64_t now, const struct fleet_report *report)
{
    if (report->failed) {
        store_failed(worker, now);
    } else if (report->outcome == MSTR_STORE_DONE) {
        worker->lease = report->fence;
        worker->lease_began = now;
        worker->lease_renewed = now;
        worker->again = false;
        worker->phase = worker->own ? FLEET_PUBLISHING : FLEET_CHECKING;
    } else if (report->outcome == MSTR_STORE_CHANGED) {
        worker->phase = FLEET_READING;
    } else if (worker->has) { /* others are not kept waiting for what is only to be published */
        wait_for_others(worker, now);
        worker->refresh_at = worker->until;
        rest(worker);
    } else {
        wait_for_others(worker, now);
    }
}

/* What others were refused, before a lease is taken, and once more with it. */
static void asked(struct fleet_worker *worker, int64_t now, const struct fleet_report *report)
{
    bool leased = worker->phase == FLEET_CHECKING;
    worker->reason = FLEET_REFUSED;
    if (report->failed) {
        store_failed(worker, now);
    } else if (worker->own) { /* the session that was refused is back */
        worker->phase = leased ? FLEET_PUBLISHING : FLEET_ACQUIRING;
    } else if (report->refused) {
        worker->phase = leased ? FLEET_RELEASING : FLEET_FAILING;
    } else if (leased) {
        log_in(worker, FLEET_LOGGING_IN);
    } else {
        worker->phase = FLEET_ACQUIRING;
    }
}

static void logged_in(struct fleet_worker *worker, const struct fleet_report *report)
{
    static const enum fleet_phase phases[] = {
        [FLEET_LOGGED_IN] = FLEET_PUBLISHING,
        [FLEET_LOGIN_REFUSED] = FLEET_NOTING,
        [FLEET_LOGIN_LIMITED] = FLEET_CLOSING,
        [FLEET_LOGIN_BROKEN] = FLEET_RELEASING,
    };
    learn_idle(worker, report);
    worker->own = report->login == FLEET_LOGGED_IN;
    worker->reason = report->login == FLEET_LOGIN_REFUSED ? FLEET_REFUSED : FLEET_LOGIN_FAILED;
    worker->phase = phases[report->login];
}

static void published(struct fleet_worker *worker, int64_t now, const struct fleet_report *report)
{
    int64_t fence = worker->lease;
    worker->lease = 0;
    if (report->failed) {
        do_without(worker, now);
    } else if (!worker->own) { /* the server refused it while it was published */
        worker->dead = fence;
        look(worker, now);
    } else if (report->outcome == MSTR_STORE_DONE && worker->has && !worker->alone) { /* the same session */
        worker->own = worker->again;
        worker->fence = fence;
        worker->seen = fence;
        worker->refresh_at = worker->again ? now : worker->refresh_at;
        rest(worker);
    } else if (report->outcome == MSTR_STORE_DONE) {
        take(worker, now, fence);
    } else { /* stopped for longer than its lease: somebody else's is the record now */
        worker->phase = FLEET_READING;
    }
}

/* What was noted is noted, or not: the failure is the same. */
static void released(struct fleet_worker *worker)
{
    worker->lease = 0;
    fail(worker, worker->reason);
}

static void closed(struct fleet_worker *worker, int64_t now)
{
    worker->lease = 0;
    worker->closed_until = now + FLEET_CLOSED;
    visit(worker);
}

static void went_alone(struct fleet_worker *worker, int64_t now, const struct fleet_report *report)
{
    worker->next_alone = report->login == FLEET_LOGIN_BROKEN ? worker->next_alone : now + ALONE_PAUSE;
    if (report->login == FLEET_LOGGED_IN) {
        learn_idle(worker, report);
        take(worker, now, 0);
        worker->seen = worker->dead;
        worker->alone = true;
    } else {
        worker->limited_until = report->login == FLEET_LOGIN_LIMITED ? now + FLEET_CLOSED : worker->limited_until;
        fail(worker, report->login == FLEET_LOGIN_LIMITED   ? FLEET_LIMITED
                     : report->login == FLEET_LOGIN_REFUSED ? FLEET_REFUSED
                                                            : FLEET_LOGIN_FAILED);
    }
}

void fleet_worker_report(struct fleet_worker *worker, int64_t now, const struct fleet_report *report)
{
    switch (worker->phase) {
    case FLEET_READING:
        read_slot(worker, now, report);
        break;
    case FLEET_VISITING:
        read_other_slot(worker, now, report);
        break;
    case FLEET_ASKING:
    case FLEET_CHECKING:
        asked(worker, now, report);
        break;
    case FLEET_ACQUIRING:
        acquired(worker, now, report);
        break;
    case FLEET_LOGGING_IN:
        logged_in(worker, report);
        break;
    case FLEET_PUBLISHING:
        published(worker, now, report);
        break;
    case FLEET_CLOSING:
        closed(worker, now);
        break;
    case FLEET_NOTING:
    case FLEET_RELEASING:
        released(worker);
        break;
    case FLEET_WAITING:
    case FLEET_DELAYING: /* the store may be back by now */
        look(worker, now);
        break;
    case FLEET_GOING_ALONE:
        went_alone(worker, now, report);
        break;
    case FLEET_FAILING:
    case FLEET_RESTING:
        rest(worker);
        break;
    }
}
