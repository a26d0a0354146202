/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The threads that wait for stores in the place of the serving thread. Started when there is something to do; no more
 * than so many in all, and no more than so many for one instance or profile, so that one dead store leaves room for
 * the others. Thread-safe.
 */
#ifndef MSTR_AGENT_WORKERS_H
#define MSTR_AGENT_WORKERS_H

#include <stdbool.h>
#include <stddef.h>

struct workers;

/* Something to do. Belongs to whoever hands it in, until `run` is called. */
struct job {
    const char *key; /* the instance or profile, which lives until `run` returns; NULL = none */
    void (*run)(void *data);
    void *data;
    struct job *next; /* the workers' own */
};

/* NULL without memory. */
struct workers *workers_new(size_t most, size_t most_for_key);
/* Queues it. False where no thread can be started and none is there: nothing was done. */
bool workers_put(struct workers *workers, struct job *job);
/* Takes out what nobody has begun with; false if it was begun, or is done. */
bool workers_drop(struct workers *workers, struct job *job);
/* Waits until all is done, and frees. NULL is accepted. */
void workers_free(struct workers *workers);

#endif
