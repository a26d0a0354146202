/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a worker of a fleet is told while it does something else, or nothing: what the server answers to those who use
 * its session, and what other workers have published. As the worker itself: pure, and not thread-safe.
 */
#ifndef MSTR_FLEET_NEWS_H
#define MSTR_FLEET_NEWS_H

#include "fleet/machine.h"

/* The server answered in the session. */
void fleet_worker_used(struct fleet_worker *worker, int64_t now);
/* It has changed what the session of this generation is sent with, `at_once` where the others cannot do without.
 * True: what has changed is to be kept for FLEET_PUBLISH; where others cannot do without, it is of a new
 * generation. */
bool fleet_worker_changed(struct fleet_worker *worker, int64_t now, uint64_t generation, bool at_once);
/* A message told of a record of the slot. */
void fleet_worker_heard(struct fleet_worker *worker, int64_t now, unsigned slot, int64_t fence);

#endif
