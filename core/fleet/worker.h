/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a worker of a fleet does next, for one slot: a state machine that knows neither threads nor a network. Whoever
 * drives it asks for the next step, does it, and reports what came of it; what falls due by time is duties.h, what it
 * is told meanwhile news.h. Pure: time (ms of a clock that never jumps) and chance are given. Not thread-safe; owns
 * no memory.
 *
 * The rules are those of the fleet's contract: what is there is used at once; a missing or dead session is begun anew
 * by the one who has the lease while the others wait; what the server changed is published under the next fence;
 * where the store is of no use each worker keeps what it has, and then goes alone.
 */
#ifndef MSTR_FLEET_WORKER_H
#define MSTR_FLEET_WORKER_H

#include "fleet/machine.h"

void fleet_worker_begin(struct fleet_worker *worker, const struct fleet_rules *rules, struct fleet_health *health,
                        const struct fleet_chance *chance, unsigned home, int64_t now);

/* Somebody wants a session, and waits for at most `patience` ms; the one of generation `dead` was refused by the
 * server (0 = there was none). Steps follow until FLEET_USE or FLEET_FAIL. */
void fleet_worker_want(struct fleet_worker *worker, int64_t now, uint64_t dead, int64_t patience);
struct fleet_order fleet_worker_next(const struct fleet_worker *worker, int64_t now);
void fleet_worker_report(struct fleet_worker *worker, int64_t now, const struct fleet_report *report);

#endif
