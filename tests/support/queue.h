/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jobs for tests of the completion queue: work that lasts until it is cancelled, which tells when it has begun, and
 * waiting for what comes of jobs.
 */
#ifndef MSTR_TESTS_SUPPORT_QUEUE_H
#define MSTR_TESTS_SUPPORT_QUEUE_H

#include "base/limits.h"
#include "support/unit.h"

#include <mstr/mstr.h>
#include <poll.h>
#include <semaphore.h>

/* ms that no job takes on the slowest machine: what lasts longer has failed. */
enum { LONG = 60 * 1000 };

/* `data` is a semaphore, posted at the begin. */
static inline enum mstr_code last_until_cancelled(const mstr_call_options *call, void *data, mstr_error *error)
{
    struct pollfd pulled = {.fd = cancel_descriptor(call->cancel), .events = POLLIN};
    sem_post(data);
    poll(&pulled, 1, -1);
    return mstr_error_set(error, MSTR_E_CANCELLED, "cancelled at work");
}

static inline mstr_work lasting_work(sem_t *begun)
{
    mstr_work work = MSTR_WORK_INIT;
    work.run = last_until_cancelled;
    work.data = begun;
    return work;
}

static inline mstr_queue *queue_of(mstr_context *context, uint32_t threads, uint32_t capacity)
{
    mstr_queue_options options = MSTR_QUEUE_OPTIONS_INIT;
    mstr_queue *queue = NULL;
    options.threads = threads;
    options.capacity = capacity;
    assert_int_equal(mstr_queue_new(context, &options, &queue, NULL), MSTR_OK);
    return queue;
}

/* Submits work that lasts, and waits until it has begun. */
static inline uint64_t occupy(mstr_queue *queue, sem_t *begun)
{
    const mstr_work work = lasting_work(begun);
    uint64_t job = 0;
    assert_int_equal(mstr_queue_call(queue, &work, NULL, &job, NULL), MSTR_OK);
    while (sem_wait(begun) != 0) {
    }
    return job;
}

/* The next completion is of this job and tells this. */
static inline void assert_next(mstr_queue *queue, uint64_t job, enum mstr_code code)
{
    mstr_completion completion = MSTR_COMPLETION_INIT;
    assert_int_equal(mstr_queue_wait(queue, LONG, &completion), 1);
    assert_int_equal(completion.job, job);
    if (completion.code != code) {
        fail_msg("%s: %s", mstr_code_name(completion.code), mstr_error_message(completion.error));
    }
    assert_int_equal(mstr_error_code(completion.error), code);
    mstr_completion_clear(&completion);
}

static inline bool is_readable(int descriptor)
{
    struct pollfd look = {.fd = descriptor, .events = POLLIN};
    return poll(&look, 1, 0) == 1;
}

#endif
