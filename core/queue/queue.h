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
    uint64_t numbers; /* that were given to jobs; atomic */
};

#endif
