/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps of a slot's worker, taken by one thread at a time: the store and the server are asked while the fleet's
 * mutex is let go, and what came of it is told to the machine, to the log and to those who wait.
 */
#ifndef MSTR_FLEET_STEPS_H
#define MSTR_FLEET_STEPS_H

#include "fleet/seats.h"

/* Takes the steps of a slot until it rests or fails; `seat` NULL = only those without a login. *own: the session at
 * hand is of a login of this call. The caller holds the mutex, which is let go meanwhile, and has found the slot not
 * busy. */
enum mstr_code steps_take(struct slot *slot, const struct fleet_seat *seat, const struct limits *limits, bool *own,
                          mstr_error *error);
/* Notes what a question to the store came to, and tells the log once. The caller holds the mutex. */
void steps_note(struct fleet *fleet, const struct fleet_report *report, const mstr_error *error);
/* The session of a slot has changed: wakes who waits. The caller holds the mutex. */
void steps_wake(struct slot *slot);
/* Puts a state in place of the one that the session at hand has. The caller holds the mutex. */
void steps_replace_state(struct slot *slot, mstr_secret *state);

/* Chance as all workers of the process have it. */
extern const struct fleet_chance steps_chance;

#endif
