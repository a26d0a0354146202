/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a worker of a fleet does because it is time: renewing the lease that it has, saying that it is there, keeping
 * the session alive, and seeing to it that what it has is what all have. As the worker itself: pure, and not
 * thread-safe.
 */
#ifndef MSTR_FLEET_DUTIES_H
#define MSTR_FLEET_DUTIES_H

#include "fleet/machine.h"

enum fleet_duty {
    FLEET_NO_DUTY,
    FLEET_RENEW,     /* the lease, for another FLEET_LEASE */
    FLEET_REFRESH,   /* run the machine: what is there may be newer, or is yet to be published */
    FLEET_BEAT,      /* say that it is there */
    FLEET_KEEP_ALIVE /* take the slot's lease of keeping alive, and whoever has it asks the server */
};

/* The duty that is due, or FLEET_NO_DUTY and in *at when one will be. */
enum fleet_duty fleet_worker_duty(struct fleet_worker *worker, int64_t now, int64_t *at);
/* Begins what refreshing is, before it is due: publishing what is its own, or reading. */
void fleet_worker_refresh(struct fleet_worker *worker, int64_t now);
/* What came of it; of FLEET_REFRESH nothing is told here. */
void fleet_worker_did(struct fleet_worker *worker, int64_t now, enum fleet_duty duty,
                      const struct fleet_report *report);

/* Whether a worker that has left is to take the record away, and once it has, to log out: nobody else is there. */
bool fleet_worker_ends(const struct fleet_worker *worker, const struct fleet_report *left);

#endif
