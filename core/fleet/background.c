/* SPDX-License-Identifier: Apache-2.0 */
/* The threads of a fleet: one for what falls due, and one for each account that listens. */
#include "fleet/background.h"

#include "base/clock.h"
#include "base/thread.h"
#include "fleet/duties.h"
#include "fleet/news.h"
#include "fleet/steps.h"

#include <stdlib.h>
#include <string.h>

enum { /* ms */
       DUTY_TIME = 2 * 1000,
       LISTEN_TIME = 30 * 1000,
       LISTEN_AGAIN = 1000, /* after a connection broke */
       LISTEN_PAUSE = 5 * 1000,
};

/* Asks the server in the name of some session of the slot. The caller holds the mutex, which is let go meanwhile. */
static enum fleet_login keep_alive(struct slot *slot)
{
    struct fleet *fleet = slot->account->fleet;
    struct fleet_seat *seat = fleet->seats;
    while (seat != NULL && seat->slot != slot) {
        seat = seat->next;
    }
    if (seat == NULL) {
        return FLEET_LOGIN_BROKEN;
    }
    seat->in_use = true;
    pthread_mutex_unlock(&fleet->mutex);
    enum fleet_login answer = seat->port->keep_alive(seat->data);
    pthread_mutex_lock(&fleet->mutex);
    seat->in_use = false;
    pthread_cond_broadcast(&fleet->woken);
    return answer;
}

/* Whether the store may be asked; else the duty counts as one that failed. */
static bool may_ask(const struct fleet *fleet, struct fleet_report *report)
{
    report->failed = !fleet_health_usable(&fleet->health, clock_monotonic());
    return !report->failed;
}

static void beat(struct slot *slot, const struct limits *limits, struct fleet_report *report, mstr_error *error)
{
    struct fleet *fleet = slot->account->fleet;
    const unsigned number = slot->machine.slot;
    char member[LEDGER_MEMBER];
    memcpy(member, fleet->member, sizeof(member));
    pthread_mutex_unlock(&fleet->mutex);
    ledger_beat(&slot->account->ledger, number, member, limits, report, error);
    pthread_mutex_lock(&fleet->mutex);
}

/* False where the lease has come to its end meanwhile. */
static bool renew(struct slot *slot, const struct limits *limits, struct fleet_report *report, mstr_error *error)
{
    struct fleet *fleet = slot->account->fleet;
    const struct ledger_lease lease = slot->lease;
    const unsigned number = slot->machine.slot;
    pthread_mutex_unlock(&fleet->mutex);
    ledger_renew(&slot->account->ledger, number, &lease, limits, report, error);
    pthread_mutex_lock(&fleet->mutex);
    return slot->machine.lease == lease.fence;
}

static void see_to_life(struct slot *slot, const struct limits *limits, struct fleet_report *report,
                        mstr_error *error)
{
    struct fleet *fleet = slot->account->fleet;
    const unsigned number = slot->machine.slot;
    const int64_t fence = slot->machine.fence;
    const int64_t idle = slot->machine.idle;
    struct fleet_report extended = {.failed = false};
    pthread_mutex_unlock(&fleet->mutex);
    ledger_take_keeping(&slot->account->ledger, number, idle / 3, limits, report, error);
    pthread_mutex_lock(&fleet->mutex);
    if (report->failed || report->outcome != MSTR_STORE_DONE) {
        return;
    }
    report->login = keep_alive(slot);
    if (report->login == FLEET_LOGGED_IN) {
        pthread_mutex_unlock(&fleet->mutex);
        ledger_extend(&slot->account->ledger, number, fence, idle, limits, &extended, NULL);
        pthread_mutex_lock(&fleet->mutex);
    }
}

/* One duty of one slot. The caller holds the mutex, which is let go meanwhile. */
static void do_duty(struct slot *slot, enum fleet_duty duty)
{
    struct fleet *fleet = slot->account->fleet;
    const struct limits limits = {clock_monotonic() + DUTY_TIME, NULL};
    struct fleet_report report = {.outcome = MSTR_STORE_DONE};
    mstr_error *error = mstr_error_new();
    bool counts = true;
    bool own = false;
    slot->on_duty = true;
    if (duty == FLEET_REFRESH) {
        if (!slot->busy) {
            steps_take(slot, NULL, &limits, &own, NULL);
        }
    } else {
        bool asked = may_ask(fleet, &report);
        if (asked && duty == FLEET_BEAT) {
            beat(slot, &limits, &report, error);
        } else if (asked && duty == FLEET_RENEW) {
            counts = renew(slot, &limits, &report, error);
        } else if (asked) {
            see_to_life(slot, &limits, &report, error);
        }
        if (asked) {
            steps_note(fleet, &report, error);
        }
        if (counts) {
            fleet_worker_did(&slot->machine, clock_monotonic(), duty, &report);
        }
        steps_wake(slot);
    }
    slot->on_duty = false;
    pthread_cond_broadcast(&fleet->woken);
    mstr_error_free(error);
}

/* The first slot with something to do, or NULL and when there will be. */
static struct slot *find_due(struct fleet *fleet, int64_t now, enum fleet_duty *duty, int64_t *at)
{
    *at = INT64_MAX;
    for (struct account *account = fleet->accounts; account != NULL; account = account->next) {
        for (size_t i = 0; i < FLEET_SLOTS_MAX; i++) {
            struct slot *slot = account->slots[i];
            int64_t next = INT64_MAX;
            if (slot == NULL || slot->seats == 0) {
                continue;
            }
            *duty = fleet_worker_duty(&slot->machine, now, &next);
            if (*duty != FLEET_NO_DUTY) {
                return slot;
            }
            *at = next < *at ? next : *at;
        }
    }
    return NULL;
}

static void *work(void *data)
{
    struct fleet *fleet = data;
    pthread_mutex_lock(&fleet->mutex);
    while (!fleet->ended) {
        enum fleet_duty duty = FLEET_NO_DUTY;
        int64_t at = INT64_MAX;
        struct slot *slot = find_due(fleet, clock_monotonic(), &duty, &at);
        const struct limits until = {at, NULL};
        if (slot != NULL) {
            do_duty(slot, duty);
        } else {
            limits_wait(&fleet->woken, &fleet->mutex, &until);
        }
    }
    pthread_mutex_unlock(&fleet->mutex);
    return NULL;
}

/* Somebody told of a slot; `fence` 0 = messages may have been lost. */
static void hear(struct account *account, unsigned number, int64_t fence)
{
    struct fleet *fleet = account->fleet;
    pthread_mutex_lock(&fleet->mutex);
    for (size_t i = 0; i < FLEET_SLOTS_MAX; i++) {
        struct slot *slot = account->slots[i];
        if (slot != NULL && slot->seats > 0) {
            fleet_worker_heard(&slot->machine, clock_monotonic(), fence != 0 ? number : slot->machine.slot,
                               fence != 0 ? fence : slot->machine.seen + 1);
            pthread_cond_broadcast(&slot->changed);
        }
    }
    pthread_cond_broadcast(&fleet->woken);
    pthread_mutex_unlock(&fleet->mutex);
}

/* One message, or a subscription where there is none. */
static void listen_once(struct account *account, void **subscription, mstr_cancel *cancel)
{
    const struct limits limits = {clock_monotonic() + LISTEN_TIME, cancel};
    unsigned number = 0;
    int64_t fence = 0;
    bool told = false;
    if (*subscription == NULL) {
        if (ledger_subscribe(&account->ledger, subscription, &limits, NULL) == MSTR_OK) {
            hear(account, 0, 0);
        } else {
            *subscription = NULL;
            limits_sleep(&limits, LISTEN_PAUSE);
        }
        return;
    }
    enum mstr_code code = ledger_next(&account->ledger, *subscription, &limits, &number, &fence, &told, NULL);
    if (told) {
        hear(account, number, fence);
    } else if (code != MSTR_OK && code != MSTR_E_TIMEOUT) {
        store_instance_unsubscribe(account->ledger.ledger->store, *subscription);
        *subscription = NULL;
        limits_sleep(&limits, LISTEN_AGAIN);
    }
}

/* What a thread that listens is given, and frees. */
struct listening {
    struct account *account;
    mstr_cancel *cancel;
};

static void *listen_on(void *data)
{
    const struct listening own = *(const struct listening *)data;
    const struct limits limits = {INT64_MAX, own.cancel};
    void *subscription = NULL;
    free(data);
    while (!limits_cancelled(&limits)) {
        listen_once(own.account, &subscription, own.cancel);
    }
    store_instance_unsubscribe(own.account->ledger.ledger->store, subscription);
    return NULL;
}

static void begin_listening(struct account *account)
{
    struct listening *given = malloc(sizeof(*given));
    mstr_cancel *cancel = mstr_cancel_new();
    if (given != NULL && cancel != NULL) {
        *given = (struct listening){account, cancel};
        if (thread_start(&account->listener, listen_on, given)) {
            account->listening = cancel;
            return;
        }
    }
    free(given);
    mstr_cancel_free(cancel);
}

void background_begin(struct fleet *fleet, struct account *account)
{
    while (fleet->ended) { /* the thread before, of those who have left */
        pthread_cond_wait(&fleet->woken, &fleet->mutex);
    }
    fleet->working = fleet->working || thread_start(&fleet->duties, work, fleet);
    if (account->listening == NULL) {
        begin_listening(account);
    }
}

void background_end_listening(struct fleet *fleet, struct account *account)
{
    mstr_cancel *listening = account->listening;
    const pthread_t thread = account->listener;
    account->listening = NULL;
    if (listening != NULL) {
        mstr_cancel_now(listening);
        pthread_mutex_unlock(&fleet->mutex);
        pthread_join(thread, NULL);
        mstr_cancel_free(listening);
        pthread_mutex_lock(&fleet->mutex);
    }
}

void background_end(struct fleet *fleet)
{
    if (!fleet->working || fleet->ended) {
        return;
    }
    fleet->ended = true;
    pthread_cond_broadcast(&fleet->woken);
    pthread_mutex_unlock(&fleet->mutex);
    pthread_join(fleet->duties, NULL);
    pthread_mutex_lock(&fleet->mutex);
    fleet->ended = false;
    fleet->working = false;
    pthread_cond_broadcast(&fleet->woken);
}
