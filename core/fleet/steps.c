/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of a slot's worker. */
#include "fleet/steps.h"

#include "base/clock.h"

enum { STORE_TIME = 2 * 1000 /* ms, of all questions for one session */ };

static uint64_t draw_below(void *data, uint64_t bound)
{
    (void)data;
    return clock_random_below(bound);
}

const struct fleet_chance steps_chance = {draw_below, NULL};

void steps_note(struct fleet *fleet, const struct fleet_report *report, const mstr_error *error)
{
    const struct log *log = fleet->options.log;
    int64_t now = clock_monotonic();
    if (report->failed) {
        if (fleet_health_failed(&fleet->health, now, &steps_chance)) {
            log_write(log, MSTR_LEVEL_WARN, fleet->options.name, "the fleet's store is of no use for now: %s",
                      mstr_error_message(error));
        }
    } else if (fleet_health_good(&fleet->health)) {
        log_write(log, MSTR_LEVEL_INFO, fleet->options.name, "the fleet's store is back");
    }
}

/* What a record's verdict is worth a line. */
static void note_verdict(struct slot *slot, const struct fleet_report *report)
{
    struct fleet *fleet = slot->account->fleet;
    const struct log *log = fleet->options.log;
    enum fleet_verdict verdict = report->verdict;
    if ((verdict == FLEET_UNKNOWN_KEY || verdict == FLEET_NEWER) && !fleet->warned_key) {
        fleet->warned_key = true;
        log_write(log, MSTR_LEVEL_ERROR, fleet->options.name,
                  verdict == FLEET_NEWER
                      ? "the fleet's session was written by a later release, and is left alone"
                      : "the fleet's session was sealed with a key that this worker lacks, and is left alone; "
                        "check seal_key and seal_key_old");
    }
    if (verdict == FLEET_TAMPERED || verdict == FLEET_REPLAYED) {
        log_write(log, MSTR_LEVEL_WARN, fleet->options.name,
                  "the fleet's record of slot %u, group %s is %s; it is replaced", slot->machine.slot,
                  slot->account->ledger.group,
                  verdict == FLEET_TAMPERED ? "damaged or forged" : "older than one seen before");
    }
}

static void tell_alarm(struct fleet *fleet)
{
    if (fleet->health.alarmed) {
        fleet->health.alarmed = false;
        log_write(fleet->options.log, MSTR_LEVEL_ERROR, fleet->options.name,
                  "ALARM: more than %d forged records within a minute: somebody who can write to the fleet's store "
                  "tampers with it; it is not used for 10 minutes",
                  (int)FLEET_FORGERIES);
    }
}

/* Hands the machine's session over with what it consists of. */
void steps_replace_state(struct slot *slot, mstr_secret *state)
{
    mstr_secret_release(slot->state);
    slot->state = state;
}

void steps_wake(struct slot *slot)
{
    const struct fleet_worker *machine = &slot->machine;
    __atomic_store_n(&slot->generation, machine->has ? machine->generation : 0, __ATOMIC_RELEASE);
    pthread_cond_broadcast(&slot->changed);
    pthread_cond_broadcast(&slot->account->fleet->woken);
}

/* One walk of a thread from wanting a session to having it. */
struct walk {
    struct slot *slot;
    const struct fleet_seat *seat; /* NULL = nobody can log in */
    struct limits limits;
    int64_t store_time; /* ms that questions took so far */
    bool own;
    enum mstr_code code; /* of a login, and of the store */
    mstr_error *error;
};

static bool ends_lease(enum fleet_step step)
{
    return step == FLEET_PUBLISH || step == FLEET_PUT_REFUSALS || step == FLEET_CLOSE_SLOT || step == FLEET_RELEASE;
}

/* A lease is given back also by one who has no time left. */
static struct limits limits_of_step(const struct walk *walk, enum fleet_step step)
{
    int64_t end = clock_monotonic() + LEDGER_CALL;
    return ends_lease(step) ? (struct limits){end, NULL} : walk->limits;
}

/* A question to the store, while the mutex is let go. */
static void ask_store(struct walk *walk, const struct fleet_order *order, struct fleet_report *report,
                      struct ledger_session *read)
{
    struct slot *slot = walk->slot;
    const struct ledger_account *account = &slot->account->ledger;
    const struct limits own = limits_of_step(walk, order->step);
    const struct limits *limits = &own;
    const bool first = !slot->machine.has || slot->login_time == 0; /* that it is published */
    const struct ledger_session session = {mstr_secret_retain(slot->machine.has ? slot->state : slot->login),
                                           first ? slot->lease.now : slot->login_time, slot->machine.idle};
    int64_t seen = slot->machine.seen;
    pthread_mutex_unlock(&slot->account->fleet->mutex);
    switch (order->step) {
    case FLEET_READ:
        ledger_read(account, order->slot, seen, limits, report, read, walk->error);
        break;
    case FLEET_READ_REFUSALS:
        ledger_read_refusals(account, limits, report, &slot->refusals, walk->error);
        break;
    case FLEET_ACQUIRE:
        ledger_acquire(account, order->slot, order->known, limits, report, &slot->lease, walk->error);
        break;
    case FLEET_PUBLISH:
        if (session.state != NULL) { /* the server may have refused it meanwhile */
            ledger_publish(account, order->slot, &slot->lease, &session, limits, report, walk->error);
            break;
        }
        ledger_release(account, order->slot, &slot->lease, limits, report, NULL);
        break;
    case FLEET_PUT_REFUSALS:
        if (slot->refusals.changed) {
            ledger_put_refusals(account, order->slot, &slot->lease, &slot->refusals, limits, report, NULL);
            break;
        }
        __attribute__((fallthrough));
    case FLEET_RELEASE:
        ledger_release(account, order->slot, &slot->lease, limits, report, NULL);
        break;
    default:
        ledger_close(account, order->slot, &slot->lease, limits, report, NULL);
        break;
    }
    mstr_secret_release(session.state);
    pthread_mutex_lock(&slot->account->fleet->mutex);
    if (order->step == FLEET_PUBLISH && !report->failed && report->outcome == MSTR_STORE_DONE) {
        slot->login_time = session.login;
    }
}

/* Whether what this worker would log in with is among what was refused. */
static bool is_refused(struct walk *walk)
{
    struct slot *slot = walk->slot;
    bool refused = false;
    if (walk->seat != NULL && slot->refusals.count > 0) {
        pthread_mutex_unlock(&slot->account->fleet->mutex);
        refused = walk->seat->port->is_refused(walk->seat->data, &slot->refusals, &walk->limits, walk->error);
        pthread_mutex_lock(&slot->account->fleet->mutex);
    }
    return refused;
}

/* Takes what the machine has by now: what was read, or what this worker logged in for. */
static void take_state(struct walk *walk, uint64_t before, const struct ledger_session *read)
{
    struct slot *slot = walk->slot;
    mstr_secret *state = read != NULL ? read->state : NULL;
    walk->own = walk->own && state == NULL;
    if (slot->machine.taken == before) {
        mstr_secret_release(state);
    } else if (state != NULL) {
        slot->login_time = read->login;
        steps_replace_state(slot, state);
    } else {
        slot->login_time = slot->machine.alone ? 0 : slot->login_time;
        steps_replace_state(slot, slot->login);
        slot->login = NULL;
    }
}

/* A question, and what it means. */
static void step_to_store(struct walk *walk, const struct fleet_order *order)
{
    struct slot *slot = walk->slot;
    struct fleet *fleet = slot->account->fleet;
    struct fleet_report report = {.outcome = MSTR_STORE_DONE};
    struct ledger_session read = {.state = NULL};
    uint64_t taken = slot->machine.taken;
    int64_t began = clock_monotonic();
    if (walk->store_time >= STORE_TIME) {
        report.failed = true;
        error_set(walk->error, MSTR_E_TIMEOUT, "the fleet's store takes too long");
    } else {
        ask_store(walk, order, &report, &read);
    }
    walk->store_time += clock_monotonic() - began;
    if (report.failed && !ends_lease(order->step) && (walk->code = limits_check(&walk->limits)) != MSTR_OK) {
        return; /* the end of the caller's time is no fault of the store's */
    }
    steps_note(fleet, &report, walk->error);
    if (order->step == FLEET_READ && !report.failed) {
        note_verdict(slot, &report);
    }
    report.refused = order->step == FLEET_READ_REFUSALS && !report.failed && is_refused(walk);
    fleet_worker_report(&slot->machine, clock_monotonic(), &report);
    tell_alarm(fleet);
    take_state(walk, taken, &read);
}

/* A login, having the lease or alone. */
static void step_to_login(struct walk *walk, const struct fleet_order *order)
{
    const bool alone = order->step == FLEET_LOG_IN_ALONE;
    struct slot *slot = walk->slot;
    struct fleet *fleet = slot->account->fleet;
    struct fleet_report report = {.outcome = MSTR_STORE_DONE};
    mstr_secret *state = NULL;
    uint64_t taken = slot->machine.taken;
    pthread_cond_broadcast(&fleet->woken); /* there is a lease to be renewed */
    pthread_mutex_unlock(&fleet->mutex);
    report.login = walk->seat->port->log_in(walk->seat->data, alone ? NULL : &slot->refusals, &walk->limits, &state,
                                            &report.idle, walk->error);
    pthread_mutex_lock(&fleet->mutex);
    walk->own = report.login == FLEET_LOGGED_IN;
    walk->code = walk->own ? MSTR_OK : mstr_error_code(walk->error);
    mstr_secret_release(slot->login);
    slot->login = state;
    fleet_worker_report(&slot->machine, clock_monotonic(), &report);
    take_state(walk, taken, NULL);
    if (alone && walk->own) {
        log_write(fleet->options.log, MSTR_LEVEL_WARN, fleet->options.name,
                  order->reason == FLEET_KEY_UNKNOWN ? "logged in alone: this worker cannot open the fleet's session"
                                                     : "logged in alone: the fleet's store is of no use");
    }
}

/* Waits for others, or for something to be heard. */
static void step_to_wait(struct walk *walk, const struct fleet_order *order)
{
    struct slot *slot = walk->slot;
    int64_t end = clock_monotonic() + order->wait;
    const struct limits part = {end < walk->limits.deadline ? end : walk->limits.deadline, walk->limits.cancel};
    const struct fleet_report report = {.outcome = MSTR_STORE_DONE};
    if (order->wait > 0) {
        limits_wait(&slot->changed, &slot->account->fleet->mutex, &part);
    }
    walk->code = limits_check(&walk->limits);
    const struct fleet_order now = fleet_worker_next(&slot->machine, clock_monotonic());
    if (walk->code == MSTR_OK && now.step == FLEET_WAIT && now.wait == 0) {
        fleet_worker_report(&slot->machine, clock_monotonic(), &report);
    }
}

/* Why there is none, in words. */
static enum mstr_code tell_reason(const struct walk *walk, enum fleet_reason reason)
{
    mstr_error *error = walk->error;
    switch (reason) {
    case FLEET_KEY_UNKNOWN:
        error_set(error, MSTR_E_CONFIG, "the fleet's session was sealed with a key that this worker lacks");
        error_set_hint(error, "give all workers the same seal_key, and the one before as seal_key_old");
        return MSTR_E_CONFIG;
    case FLEET_LIMITED:
        if (mstr_error_code(error) != MSTR_OK) { /* as the server told this worker */
            error_prefix(error, "no other worker's session can be used: ");
            return mstr_error_code(error);
        }
        error_set(error, MSTR_E_UNAVAILABLE,
                  "the server allows no further session of this user, and no other worker's can be used");
        error_set_hint(error, "lower sessions of the fleet, or raise the server's limit; tried again within 10 min");
        return MSTR_E_UNAVAILABLE;
    case FLEET_STORE_DOWN:
        if (mstr_error_code(error) == MSTR_OK) {
            error_set(error, MSTR_E_UNAVAILABLE, "the fleet's store is of no use for now");
        } else {
            enum mstr_code code = mstr_error_code(error);
            error_prefix(error, "there is no session without the fleet's store: ");
            return code;
        }
        return MSTR_E_UNAVAILABLE;
    default: /* as the login told it */
        return mstr_error_code(error) != MSTR_OK
                   ? mstr_error_code(error)
                   : error_set(error, MSTR_E_UNEXPECTED, "the fleet gave no session and no reason");
    }
}

/* One step; true where another follows. */
static bool step(struct walk *walk)
{
    struct slot *slot = walk->slot;
    const struct fleet_report nothing = {.outcome = MSTR_STORE_DONE};
    const struct fleet_order order = fleet_worker_next(&slot->machine, clock_monotonic());
    bool asks = order.step == FLEET_LOG_IN || order.step == FLEET_LOG_IN_ALONE || order.step == FLEET_WAIT ||
                (order.step == FLEET_READ_REFUSALS && !slot->machine.has);
    if (order.step == FLEET_USE || order.step == FLEET_REST || (asks && walk->seat == NULL)) {
        return false;
    }
    if (order.step == FLEET_FAIL) {
        walk->code = tell_reason(walk, order.reason);
        fleet_worker_report(&slot->machine, clock_monotonic(), &nothing);
        return false;
    }
    if (order.step == FLEET_WAIT) {
        step_to_wait(walk, &order);
        return walk->code == MSTR_OK;
    }
    if (order.step == FLEET_LOG_IN || order.step == FLEET_LOG_IN_ALONE) {
        step_to_login(walk, &order);
        return true;
    }
    if (slot->machine.phase == FLEET_READING || order.step == FLEET_ACQUIRE) {
        mstr_error_clear(walk->error);
    }
    step_to_store(walk, &order);
    return walk->code == MSTR_OK || slot->machine.lease != 0 || slot->machine.phase == FLEET_FAILING;
}

enum mstr_code steps_take(struct slot *slot, const struct fleet_seat *seat, const struct limits *limits, bool *own,
                          mstr_error *error)
{
    struct walk walk = {.slot = slot, .seat = seat, .limits = *limits, .error = mstr_error_new()};
    slot->busy = true;
    while (step(&walk)) {
        steps_wake(slot);
    }
    slot->busy = false;
    *own = walk.own;
    if (slot->machine.has) {
        walk.code = MSTR_OK;
    } else if (walk.code != MSTR_OK) {
        if (mstr_error_code(walk.error) == MSTR_OK) {
            error_set(walk.error, walk.code, "%s while another worker was logging in", mstr_code_text(walk.code));
        }
        walk.code = mstr_error_code(walk.error) != MSTR_OK ? mstr_error_code(walk.error) : MSTR_E_MEMORY;
        error_copy(error, walk.error);
        if (limits_check(limits) == MSTR_OK) { /* else it is the caller's own affair */
            slot->failures++;
            slot->code = walk.code;
            error_copy(slot->error, walk.error);
        }
    }
    mstr_error_free(walk.error);
    steps_wake(slot);
    return walk.code;
}
