/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of a fleet, which those who want sessions (fleet.h), their steps to one (steps.h) and the fleet's
 * threads (background.h) share. All members that change are behind the fleet's mutex.
 */
#ifndef MSTR_FLEET_SEATS_H
#define MSTR_FLEET_SEATS_H

#include "fleet/ledger.h"
#include "fleet/port.h"

#include <pthread.h>
#include <unistd.h>

struct account;

/* The worker of one slot, which the sessions of this process that began with that slot share. */
struct slot {
    struct account *account;
    struct fleet_worker machine;
    struct ledger_lease lease;
    struct refusal_record refusals;  /* as they were read last */
    mstr_secret *state;              /* of the session at hand; NULL = none */
    int64_t login_time;              /* of that, the store's; 0 = it was never published */
    mstr_secret *login;              /* of a login that is not published yet */
    _Alignas(8) uint64_t generation; /* of the machine where it has a session, else 0; atomic */
    bool busy;                       /* somebody takes its steps */
    bool on_duty;                    /* a duty is done */
    uint64_t failures;               /* grows with each that waiters share */
    enum mstr_code code;             /* of the latest */
    mstr_error *error;
    pthread_cond_t changed;
    size_t seats;
};

/* All slots of one user at one origin. */
struct account {
    struct account *next;
    struct fleet *fleet;
    struct ledger_account ledger; /* its texts are the account's own */
    struct slot *slots[FLEET_SLOTS_MAX];
    unsigned next_slot; /* which a new seat gets */
    size_t seats;
    pthread_t listener;
    mstr_cancel *listening; /* NULL = nobody listens */
};

struct fleet_seat {
    struct fleet_seat *next;
    struct slot *slot;
    const struct fleet_port *port;
    void *data;
    bool in_use; /* its port, by a thread of the fleet */
};

struct fleet {
    struct fleet_options options;
    struct ledger ledger;
    pthread_mutex_t mutex;
    pthread_cond_t woken; /* for the thread of duties, and who waits for it to be done with something */
    struct fleet_health health;
    struct account *accounts;
    struct fleet_seat *seats;
    size_t seat_count;
    pid_t process; /* whose this is: a child that was forked has neither threads nor leases */
    char member[LEDGER_MEMBER];
    pthread_t duties;
    bool working;    /* the thread of duties is there */
    bool ended;      /* it is to end */
    bool warned_key; /* told once */
};

#endif
