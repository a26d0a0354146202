/* SPDX-License-Identifier: Apache-2.0 */
/* Queues: their life, and what is taken from them. */
#include "queue/queue.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/given.h"

#include <stdlib.h>
#include <string.h>

enum { THREADS = 4, THREADS_MAX = 256, CAPACITY = 1024, CAPACITY_MAX = 65536 };

static enum mstr_code check(const mstr_queue_options *options, mstr_error *error)
{
    static const char what[] = "the options of the queue were";
    if (given_check(what, MSTR_HAS(options, mstr_queue_options, data), 0, 0, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    const struct given_number numbers[] = {{"threads", options->threads, 0, THREADS_MAX},
                                           {"capacity", options->capacity, 0, CAPACITY_MAX},
                                           {"reserved", options->reserved, 0, 0}};
    return given_numbers(what, numbers, sizeof(numbers) / sizeof(*numbers), error);
}

static void put_ended(struct job *job, void *data)
{
    mstr_queue *queue = data;
    completions_put(&queue->completions, job);
}

enum mstr_code mstr_queue_new(mstr_context *context, const mstr_queue_options *options, mstr_queue **out,
                              mstr_error *error)
{
    mstr_queue_options whole = MSTR_QUEUE_OPTIONS_INIT;
    *out = NULL;
    if (options != NULL && check(options, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    whole = options != NULL ? *options : whole;
    whole.capacity = whole.capacity > 0 ? whole.capacity : CAPACITY;
    mstr_queue *queue = calloc(1, sizeof(*queue));
    if (queue == NULL || !completions_init(&queue->completions, &whole)) {
        free(queue);
        return error_set(error, MSTR_E_MEMORY, "out of memory or descriptors");
    }
    queue->context = context;
    queue->workers = workers_new(whole.threads > 0 ? whole.threads : THREADS, put_ended, queue);
    if (queue->workers == NULL) {
        mstr_queue_free(queue);
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    *out = queue;
    return MSTR_OK;
}

enum mstr_code queue_begin(mstr_queue *queue, enum mstr_queue_kind kind, void *user, struct job **job,
                           mstr_error *error)
{
    if (!completions_reserve(&queue->completions)) {
        error_set(error, MSTR_E_THROTTLED, "the queue is full");
        error_set_hint(error, "take completions before more is submitted, or give the queue a larger capacity");
        return MSTR_E_THROTTLED;
    }
    *job = job_new(kind, user);
    if (*job == NULL) {
        completions_give_back(&queue->completions);
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    return MSTR_OK;
}

enum mstr_code queue_submit(mstr_queue *queue, struct job *job, uint64_t *number, mstr_error *error)
{
    const uint64_t own = __atomic_add_fetch(&queue->numbers, 1, __ATOMIC_RELAXED);
    bool whole = !job->copies.failed;
    job->result.job = own;
    if (!whole || !workers_put(queue->workers, job)) {
        job_free(job);
        completions_give_back(&queue->completions);
        return error_set(error, MSTR_E_MEMORY, whole ? "out of memory or threads" : "out of memory");
    }
    if (number != NULL) {
        *number = own;
    }
    return MSTR_OK;
}

void mstr_queue_free(mstr_queue *queue)
{
    if (queue != NULL) {
        workers_free(queue->workers);
        completions_destroy(&queue->completions);
        free(queue);
    }
}

int mstr_queue_fd(const mstr_queue *queue)
{
    return queue->completions.descriptor;
}

int mstr_queue_cancel(mstr_queue *queue, uint64_t job)
{
    return workers_cancel(queue->workers, job);
}

int mstr_queue_wait(mstr_queue *queue, int64_t timeout, mstr_completion *completion)
{
    struct limits limits = {INT64_MAX, NULL};
    if (!MSTR_HAS(completion, mstr_completion, error)) {
        return 0;
    }
    if (timeout >= 0 && timeout < INT64_MAX / 2) {
        limits.deadline = clock_monotonic() + timeout;
    }
    struct job *job = completions_take(&queue->completions, &limits);
    if (job == NULL) {
        return 0;
    }
    const uint32_t size = completion->size;
    memcpy(completion, &job->result, size < sizeof(job->result) ? size : sizeof(job->result));
    completion->size = size;
    job->result = (mstr_completion){.size = sizeof(job->result)}; /* what it owned is the caller's */
    job_free(job);
    return 1;
}

int mstr_queue_next(mstr_queue *queue, mstr_completion *completion)
{
    return mstr_queue_wait(queue, 0, completion);
}

void mstr_completion_clear(mstr_completion *completion)
{
    static const mstr_completion blank = MSTR_COMPLETION_INIT;
    if (completion == NULL || !MSTR_HAS(completion, mstr_completion, error)) {
        return;
    }
    const uint32_t size = completion->size;
    mstr_secret_release(completion->secret);
    mstr_response_free(completion->response);
    mstr_table_free(completion->table);
    mstr_error_free(completion->error);
    memcpy(completion, &blank, size < sizeof(blank) ? size : sizeof(blank));
    completion->size = size;
}
