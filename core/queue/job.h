/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A job: what is to be done, within which limits, and what it came to. It has the memory of its completion from the
 * begin, so that every job can tell its end. One thread at a time has it: who submits it, the workers, the
 * completions, who takes it.
 */
#ifndef MSTR_QUEUE_JOB_H
#define MSTR_QUEUE_JOB_H

#include "base/limits.h"
#include "queue/copies.h"

#include <mstr/queue.h>

struct job {
    struct job *next; /* of the line that it stands in */
    mstr_completion result;
    struct limits limits; /* from the submit on */
    int64_t submitted;    /* clock_monotonic() */
    uint32_t flags;       /* MSTR_CALL_… */
    bool cancelled;       /* while it stands in line */
    /* Does it; the call has its limits, and an error to tell is in the result. */
    enum mstr_code (*run)(struct job *job, const mstr_call_options *call);
    struct copies copies;
    mstr_context *context;
    mstr_session *session;
    mstr_table *table;
    union {
        const char *reference;
        mstr_session_request request;
        mstr_table_request table;
        struct {
            mstr_table_row_fn each;
            void *data;
        } rows;
        mstr_work work;
    } of;
};

/* NULL without memory. */
struct job *job_new(enum mstr_queue_kind kind, void *user);
/* With all that its completion owns; NULL is accepted. */
void job_free(struct job *job);
/* Its limits, and the flags of the call that they are of, which may be NULL. */
void job_limit(struct job *job, struct limits limits, const mstr_call_options *call);
/* Why a job that has not begun is not to begin any more; MSTR_OK if it is. */
enum mstr_code job_check(const struct job *job);
/* Does it, cancelled by its own limits or by `cancel`, which nothing else uses meanwhile. */
void job_run(struct job *job, mstr_cancel *cancel);
/* It has ended so, without being run. */
void job_give_up(struct job *job, enum mstr_code code);

#endif
