/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a process leaves an account: where the last one is to log out, it finds out whether it is the last, takes the
 * records of all slots away, and has the sessions that stood there logged out. For fleet.c alone.
 */
#ifndef MSTR_FLEET_LEAVING_H
#define MSTR_FLEET_LEAVING_H

#include "fleet/seats.h"

/* Says that this process is gone, whose last seat of the account that is. True where the session of its slot is to be
 * logged out by the caller. The caller holds the mutex, which is let go meanwhile. */
bool leaving_end(const struct fleet_seat *seat);

#endif
