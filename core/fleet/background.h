/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The threads of a fleet: one for what falls due, and one for each account that listens to messages. They begin when
 * the first seat is used, and end when the last is left.
 */
#ifndef MSTR_FLEET_BACKGROUND_H
#define MSTR_FLEET_BACKGROUND_H

#include "fleet/seats.h"

/* The caller holds the mutex; those that end something let it go meanwhile. */
void background_begin(struct fleet *fleet, struct account *account);
void background_end_listening(struct fleet *fleet, struct account *account);
void background_end(struct fleet *fleet);

#endif
