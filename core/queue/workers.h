/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The threads of a queue, started when there is something to do, and the line of jobs before them. Where all of them
 * are busy, one more thread, the keeper, sees to it that a job in line ends in time: it is the one that does nothing
 * else. Thread-safe.
 */
#ifndef MSTR_QUEUE_WORKERS_H
#define MSTR_QUEUE_WORKERS_H

#include "queue/job.h"

struct workers;

/* `ended` gets each job once it has ended, on one of the threads and with nothing held. NULL without memory. */
struct workers *workers_new(size_t most, void (*ended)(struct job *job, void *data), void *data);
/* Puts a job at the end of the line. False where no thread can be started and none is there: it stays the
 * caller's. */
bool workers_put(struct workers *workers, struct job *job);
/* Cancels a job by its number; false if it is not among those that wait or run. */
bool workers_cancel(struct workers *workers, uint64_t number);
/* Cancels all, waits for those that have begun, and frees; jobs in line go nowhere. NULL is accepted. */
void workers_free(struct workers *workers);

#endif
