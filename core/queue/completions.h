/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The jobs that have ended, until the program takes them, and how it hears of them: a descriptor, a callback, or
 * waiting. Also counts the places, of which a job has one from its submit until it is taken. Thread-safe.
 */
#ifndef MSTR_QUEUE_COMPLETIONS_H
#define MSTR_QUEUE_COMPLETIONS_H

#include "queue/job.h"

#include <pthread.h>

struct completions {
    pthread_mutex_t mutex;
    pthread_cond_t came;
    size_t places; /* that are free */
    struct job *first;
    struct job **last;
    int descriptor; /* an eventfd: readable as long as there is a job to take */
    void (*notify)(void *data);
    void *data;
};

/* False without resources. */
bool completions_init(struct completions *completions, const mstr_queue_options *options);
/* With the jobs that nobody took. */
void completions_destroy(struct completions *completions);
/* Takes a place for a job; false if there is none. */
bool completions_reserve(struct completions *completions);
/* Gives the place of a job back that was not submitted. */
void completions_give_back(struct completions *completions);
/* A job that has a place has ended. Calls the program's notify, with nothing held. */
void completions_put(struct completions *completions, struct job *job);
/* The job that ended first, which is the caller's then; NULL if there is none, within the limits. */
struct job *completions_take(struct completions *completions, const struct limits *limits);

#endif
