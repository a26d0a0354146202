/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A queue, made of its parts: jobs go from who submits them to the workers, and from these to the completions.
 */
#ifndef MSTR_QUEUE_QUEUE_H
#define MSTR_QUEUE_QUEUE_H

#include "queue/completions.h"
#include "queue/workers.h"

struct mstr_queue {
    mstr_context *context;
    struct completions completions;
    struct workers *workers;
    _Alignas(8) uint64_t numbers; /* that were given to jobs; atomic */
};

/* A blank job with a place in the queue: MSTR_OK, MSTR_E_THROTTLED, MSTR_E_MEMORY. */
enum mstr_code queue_begin(mstr_queue *queue, enum mstr_queue_kind kind, void *user, struct job **job,
                           mstr_error *error);
/* Hands the job over if its copies are whole, and tells its number if somebody asks; it is gone in any case. */
enum mstr_code queue_submit(mstr_queue *queue, struct job *job, uint64_t *number, mstr_error *error);

#endif
