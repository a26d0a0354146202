/* SPDX-License-Identifier: Apache-2.0 */
/* A fleet as one process takes part in it: its seats. */
#include "fleet/fleet.h"

#include "base/clock.h"
#include "base/condition.h"
#include "base/text.h"
#include "fleet/background.h"
#include "fleet/duties.h"
#include "fleet/leaving.h"
#include "fleet/news.h"
#include "fleet/steps.h"

#include <stdlib.h>
#include <string.h>

struct fleet *fleet_new(const struct fleet_options *options)
{
    struct fleet *fleet = calloc(1, sizeof(*fleet));
    if (fleet == NULL || !ledger_draw(fleet->member) || !condition_init(&fleet->woken)) {
        free(fleet);
        return NULL;
    }
    pthread_mutex_init(&fleet->mutex, NULL);
    fleet->options = *options;
    fleet->ledger = (struct ledger){options->store, options->keys};
    fleet->process = getpid();
    return fleet;
}

static void slot_free(struct slot *slot)
{
    if (slot != NULL) {
        mstr_secret_release(slot->state);
        mstr_secret_release(slot->login);
        mstr_error_free(slot->error);
        pthread_cond_destroy(&slot->changed);
        mstr_wipe(&slot->refusals, sizeof(slot->refusals));
        free(slot);
    }
}

static void account_free(struct account *account)
{
    for (size_t i = 0; i < FLEET_SLOTS_MAX; i++) {
        slot_free(account->slots[i]);
    }
    free((char *)(uintptr_t)account->ledger.scope.origin);
    free((char *)(uintptr_t)account->ledger.scope.user);
    free(account);
}

void fleet_free(struct fleet *fleet)
{
    if (fleet == NULL) {
        return;
    }
    while (fleet->accounts != NULL) {
        struct account *account = fleet->accounts;
        fleet->accounts = account->next;
        account_free(account);
    }
    store_instance_free(fleet->options.store);
    fleet_keys_free(fleet->options.keys);
    pthread_cond_destroy(&fleet->woken);
    pthread_mutex_destroy(&fleet->mutex);
    free(fleet);
}

const struct fleet_keys *fleet_keys_of(const struct fleet *fleet)
{
    return fleet->options.keys;
}

static bool is_scope(const struct fleet_scope *a, const struct fleet_scope *b)
{
    return a->mode == b->mode && a->type == b->type && strcmp(a->origin, b->origin) == 0 &&
           strcmp(a->user, b->user) == 0;
}

/* The account of a scope, made where there is none; NULL without memory. The caller holds the mutex. */
static struct account *find_account(struct fleet *fleet, const struct fleet_scope *scope)
{
    struct account *account = fleet->accounts;
    while (account != NULL && !is_scope(&account->ledger.scope, scope)) {
        account = account->next;
    }
    if (account != NULL || (account = calloc(1, sizeof(*account))) == NULL) {
        return account;
    }
    account->fleet = fleet;
    account->next_slot = (unsigned)clock_random_below(fleet->options.rules.sessions);
    account->ledger.ledger = &fleet->ledger;
    account->ledger.scope =
        (struct fleet_scope){text_copy(scope->origin), text_copy(scope->user), scope->mode, scope->type};
    if (account->ledger.scope.origin == NULL || account->ledger.scope.user == NULL ||
        !fleet_keys_group(fleet->options.keys, scope, account->ledger.group)) {
        account_free(account);
        return NULL;
    }
    account->next = fleet->accounts;
    fleet->accounts = account;
    return account;
}

/* The slot that a new seat of the account gets; NULL without memory. */
static struct slot *find_slot(struct account *account)
{
    struct fleet *fleet = account->fleet;
    unsigned number = account->next_slot;
    struct slot *slot = account->slots[number];
    if (slot == NULL && (slot = calloc(1, sizeof(*slot))) != NULL) {
        slot->account = account;
        slot->error = mstr_error_new();
        if (!condition_init(&slot->changed)) {
            mstr_error_free(slot->error);
            free(slot);
            return NULL;
        }
        fleet_worker_begin(&slot->machine, &fleet->options.rules, &fleet->health, &steps_chance, number,
                           clock_monotonic());
        account->slots[number] = slot;
    }
    account->next_slot = (number + 1) % fleet->options.rules.sessions;
    return slot;
}

/* What a child that was forked must not go on with: threads that it does not have, leases that are its parent's. */
static void begin_anew(struct fleet *fleet)
{
    pthread_mutex_init(&fleet->mutex, NULL);
    condition_init(&fleet->woken);
    fleet->process = getpid();
    fleet->working = false;
    ledger_draw(fleet->member);
    for (struct fleet_seat *seat = fleet->seats; seat != NULL; seat = seat->next) {
        seat->in_use = false;
    }
    for (struct account *account = fleet->accounts; account != NULL; account = account->next) {
        account->listening = NULL; /* the thread's, which is the parent's */
        for (size_t i = 0; i < FLEET_SLOTS_MAX; i++) {
            struct slot *slot = account->slots[i];
            if (slot != NULL) {
                condition_init(&slot->changed);
                slot->busy = false;
                slot->on_duty = false;
                fleet_worker_begin(&slot->machine, &fleet->options.rules, &fleet->health, &steps_chance, (unsigned)i,
                                   clock_monotonic());
                slot->machine.generation = slot->generation + 1;
                __atomic_store_n(&slot->generation, 0, __ATOMIC_RELEASE);
            }
        }
    }
}

static void lock(struct fleet *fleet)
{
    if (fleet->process != getpid()) {
        begin_anew(fleet);
    }
    pthread_mutex_lock(&fleet->mutex);
}

struct fleet_seat *fleet_sit(struct fleet *fleet, const struct fleet_scope *scope, const struct fleet_port *port,
                             void *data)
{
    struct fleet_seat *seat = calloc(1, sizeof(*seat));
    lock(fleet);
    struct account *account = seat != NULL ? find_account(fleet, scope) : NULL;
    struct slot *slot = account != NULL ? find_slot(account) : NULL;
    if (slot == NULL) {
        free(seat);
        seat = NULL;
    } else {
        *seat = (struct fleet_seat){.next = fleet->seats, .slot = slot, .port = port, .data = data};
        fleet->seats = seat;
        fleet->seat_count++;
        account->seats++;
        slot->seats++;
    }
    pthread_mutex_unlock(&fleet->mutex);
    return seat;
}

/* The session at hand, but for the one of generation `dead`. */
static bool give(const struct slot *slot, uint64_t dead, struct fleet_share *share)
{
    const struct fleet_worker *machine = &slot->machine;
    if (!machine->has || machine->generation == dead || slot->state == NULL) {
        return false;
    }
    share->generation = machine->generation;
    share->state = mstr_secret_retain(slot->state);
    share->alone = machine->alone;
    return true;
}

/* Waits for whoever takes the steps, and shares a failure of his. */
static enum mstr_code wait_for_another(struct slot *slot, const struct limits *limits, mstr_error *error)
{
    const uint64_t failures = slot->failures;
    enum mstr_code code = MSTR_OK;
    while (code == MSTR_OK && slot->busy && failures == slot->failures && !slot->machine.has) {
        code = limits_wait(&slot->changed, &slot->account->fleet->mutex, limits);
    }
    if (code == MSTR_OK && failures != slot->failures) {
        error_copy(error, slot->error);
        return slot->code;
    }
    return code == MSTR_OK ? code
                           : error_set(error, code, "%s while another worker was logging in", mstr_code_text(code));
}

enum mstr_code fleet_obtain(struct fleet_seat *seat, uint64_t dead, const struct limits *limits,
                            struct fleet_share *share, mstr_error *error)
{
    struct slot *slot = seat->slot;
    struct fleet *fleet = slot->account->fleet;
    enum mstr_code code = MSTR_OK;
    *share = (struct fleet_share){.state = NULL};
    lock(fleet);
    background_begin(fleet, slot->account);
    while (code == MSTR_OK && !give(slot, dead, share)) {
        fleet_worker_want(&slot->machine, clock_monotonic(), dead, limits_remaining(limits));
        steps_wake(slot);
        code =
            slot->busy ? wait_for_another(slot, limits, error) : steps_take(slot, seat, limits, &share->own, error);
    }
    pthread_mutex_unlock(&fleet->mutex);
    return code;
}

uint64_t fleet_generation(const struct fleet_seat *seat)
{
    return __atomic_load_n(&seat->slot->generation, __ATOMIC_ACQUIRE);
}

bool fleet_look(struct fleet_seat *seat, uint64_t generation, struct fleet_share *share)
{
    struct fleet *fleet = seat->slot->account->fleet;
    const uint64_t now = fleet_generation(seat);
    *share = (struct fleet_share){.state = NULL};
    if (now == 0 || now == generation) {
        return false;
    }
    lock(fleet);
    bool given = give(seat->slot, generation, share);
    pthread_mutex_unlock(&fleet->mutex);
    return given;
}

/* Publishes what was told, before the answer that told it is handed out: whoever got it may be gone a moment later,
 * and the others are refused meanwhile. Takes LEDGER_CALL at most, after which it is left to the duties. The caller
 * holds the mutex, which is let go meanwhile. */
static void publish_now(struct slot *slot)
{
    const struct limits limits = {clock_monotonic() + LEDGER_CALL, NULL};
    struct fleet_worker *machine = &slot->machine;
    enum mstr_code code = MSTR_OK;
    bool own = false;
    while (code == MSTR_OK && slot->busy && machine->own) {
        code = limits_wait(&slot->changed, &slot->account->fleet->mutex, &limits);
    }
    if (code == MSTR_OK && machine->has && machine->own && !slot->busy) {
        fleet_worker_refresh(machine, clock_monotonic());
        steps_take(slot, NULL, &limits, &own, NULL);
    }
}

uint64_t fleet_tell(struct fleet_seat *seat, uint64_t generation, const mstr_secret *state, bool at_once)
{
    struct slot *slot = seat->slot;
    struct fleet *fleet = slot->account->fleet;
    lock(fleet);
    bool kept = fleet_worker_changed(&slot->machine, clock_monotonic(), generation, at_once);
    if (kept) {
        steps_replace_state(slot, mstr_secret_retain((mstr_secret *)(uintptr_t)state));
        generation = slot->machine.generation;
        steps_wake(slot);
        if (at_once) {
            publish_now(slot);
        }
    }
    pthread_mutex_unlock(&fleet->mutex);
    return kept ? generation : 0;
}

void fleet_note_use(struct fleet_seat *seat)
{
    struct fleet *fleet = seat->slot->account->fleet;
    lock(fleet);
    fleet_worker_used(&seat->slot->machine, clock_monotonic());
    pthread_mutex_unlock(&fleet->mutex);
}

/* Forgets the slot's session, which nobody here uses any more. */
static void forget(struct slot *slot)
{
    unsigned home = slot->machine.home;
    struct fleet *fleet = slot->account->fleet;
    uint64_t generation = slot->machine.generation;
    fleet_worker_begin(&slot->machine, &fleet->options.rules, &fleet->health, &steps_chance, home, clock_monotonic());
    slot->machine.generation = generation;
    steps_replace_state(slot, NULL);
    steps_wake(slot);
}

static bool is_last_of_slot(const struct slot *slot)
{
    return slot->seats == 1;
}

bool fleet_leave(struct fleet_seat *seat)
{
    struct slot *slot = seat->slot;
    struct account *account = slot->account;
    struct fleet *fleet = account->fleet;
    bool ends = false;
    lock(fleet);
    while (seat->in_use || (is_last_of_slot(slot) && slot->on_duty)) {
        pthread_cond_wait(&fleet->woken, &fleet->mutex);
    }
    if (is_last_of_slot(slot) && account->seats == 1) {
        ends = leaving_end(seat);
    }
    struct fleet_seat **at = &fleet->seats;
    while (*at != seat) {
        at = &(*at)->next;
    }
    *at = seat->next;
    fleet->seat_count--;
    slot->seats--;
    if (slot->seats == 0) {
        forget(slot);
    }
    if (--account->seats == 0) {
        background_end_listening(fleet, account);
    }
    if (fleet->seat_count == 0) {
        background_end(fleet);
    }
    pthread_mutex_unlock(&fleet->mutex);
    free(seat);
    return ends;
}
