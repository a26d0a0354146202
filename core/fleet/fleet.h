/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fleet as one process takes part in it: the workers of all its sessions (worker.h) with the store that they share
 * (ledger.h), one after the other in whichever thread wants a session, and two kinds of threads: one for duties that
 * fall due, and one for each account that listens to messages. They are there while a session is. Thread-safe; no
 * lock is held while the store or the server is asked.
 *
 * A session takes a seat. What it gets is a state that means nothing to the fleet, and a generation that tells one
 * state from the next.
 */
#ifndef MSTR_FLEET_FLEET_H
#define MSTR_FLEET_FLEET_H

#include "fleet/port.h"

struct fleet;
struct fleet_seat;

/* NULL without resources; the caller then keeps store and keys. */
struct fleet *fleet_new(const struct fleet_options *options);
/* Once all seats are left; NULL is accepted. */
void fleet_free(struct fleet *fleet);
const struct fleet_keys *fleet_keys_of(const struct fleet *fleet);

/* Takes a seat, `port` and `data` of which live as long. NULL without memory. */
struct fleet_seat *fleet_sit(struct fleet *fleet, const struct fleet_scope *scope, const struct fleet_port *port,
                             void *data);

/* A session as it was had. */
struct fleet_share {
    uint64_t generation;
    mstr_secret *state; /* to be released */
    bool own;           /* this call logged in for it */
    bool alone;         /* nobody shares it */
};

/* A session that is good as far as anybody knows; the one of generation `dead` is not (0 = there was none). */
enum mstr_code fleet_obtain(struct fleet_seat *seat, uint64_t dead, const struct limits *limits,
                            struct fleet_share *share, mstr_error *error);
/* The generation that there is now, 0 = none; costs nothing. */
uint64_t fleet_generation(const struct fleet_seat *seat);
/* The session that there is now, where it is another than the one of that generation. Never waits. */
bool fleet_look(struct fleet_seat *seat, uint64_t generation, struct fleet_share *share);
/* The server has changed the state of that generation; `at_once` where others cannot do without: they get it as a new
 * generation, and in the store where that answers in time. Which one it is now, 0 where it is not the fleet's any
 * more. */
uint64_t fleet_tell(struct fleet_seat *seat, uint64_t generation, const mstr_secret *state, bool at_once);
/* The server has answered in the session. */
void fleet_note_use(struct fleet_seat *seat);

/* Leaves the seat. True where the caller is to log out, as it was the last and the record is gone. */
bool fleet_leave(struct fleet_seat *seat);

#endif
