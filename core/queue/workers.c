/* SPDX-License-Identifier: Apache-2.0 */
/* The threads of a queue. */
#include "queue/workers.h"

#include "base/clock.h"
#include "base/condition.h"
#include "base/thread.h"

#include <stdlib.h>

enum { LOOK_AFTER = 25 }; /* ms between two looks at the cancellations of jobs in line: half of what one may take */

struct worker {
    pthread_t thread;
    struct workers *workers;
    mstr_cancel *cancel; /* follows that of the job */
    struct job *job;     /* NULL = it is idle */
};

struct workers {
    pthread_mutex_t mutex;
    pthread_cond_t came; /* a job to take, or the end */
    pthread_cond_t due;  /* for the keeper: a job in line that must end sooner, or the end */
    struct worker *each;
    size_t most;
    size_t count; /* of started threads */
    size_t idle;
    struct job *first;
    struct job **last;
    size_t queued;
    pthread_t keeper;
    bool kept;    /* the keeper was started */
    int64_t look; /* when it looks at the line next, clock_monotonic() */
    bool ending;
    void (*ended)(struct job *job, void *data);
    void *data;
};

struct workers *workers_new(size_t most, void (*ended)(struct job *job, void *data), void *data)
{
    struct workers *workers = calloc(1, sizeof(*workers));
    if (workers == NULL || (workers->each = calloc(most, sizeof(*workers->each))) == NULL ||
        !condition_init(&workers->due)) {
        free(workers != NULL ? workers->each : NULL);
        free(workers);
        return NULL;
    }
    pthread_cond_init(&workers->came, NULL);
    pthread_mutex_init(&workers->mutex, NULL);
    workers->most = most;
    workers->last = &workers->first;
    workers->look = INT64_MAX;
    workers->ended = ended;
    workers->data = data;
    return workers;
}

/* Takes out the job that a link leads to. Under the mutex, as all down to the threads. */
static struct job *take_out(struct workers *workers, struct job **link)
{
    struct job *job = *link;
    *link = job->next;
    workers->queued--;
    workers->last = job->next == NULL ? link : workers->last;
    return job;
}

/* When a job in line must be looked at, as far as is known now. */
static int64_t look_at(const struct job *job)
{
    int64_t soon = job->limits.cancel != NULL ? clock_monotonic() + LOOK_AFTER : INT64_MAX;
    soon = job->limits.deadline < soon ? job->limits.deadline : soon;
    return job->cancelled ? 0 : soon;
}

/* Takes out a job that is not to begin any more; NULL if there is none, and workers->look is when to look again. */
static struct job *take_overdue(struct workers *workers, enum mstr_code *code)
{
    workers->look = INT64_MAX;
    for (struct job **link = &workers->first; *link != NULL; link = &(*link)->next) {
        if ((*code = job_check(*link)) != MSTR_OK) {
            return take_out(workers, link);
        }
        int64_t look = look_at(*link);
        workers->look = look < workers->look ? look : workers->look;
    }
    return NULL;
}

/* The line is not looked at earlier than a job in it needs. */
static void tell_keeper(struct workers *workers, const struct job *job)
{
    int64_t look = look_at(job);
    if (look < workers->look) {
        workers->look = look;
        pthread_cond_signal(&workers->due);
    }
}

static void *keep(void *data)
{
    struct workers *workers = data;
    pthread_mutex_lock(&workers->mutex);
    while (!workers->ending) {
        enum mstr_code code = MSTR_OK;
        struct job *job = take_overdue(workers, &code);
        if (job != NULL) {
            pthread_mutex_unlock(&workers->mutex);
            job_give_up(job, code);
            workers->ended(job, workers->data);
            pthread_mutex_lock(&workers->mutex);
        } else if (workers->look == INT64_MAX) {
            pthread_cond_wait(&workers->due, &workers->mutex);
        } else {
            const struct patience patience = {.left = workers->look - clock_monotonic()};
            condition_wait(&workers->due, &workers->mutex, patience);
        }
    }
    pthread_mutex_unlock(&workers->mutex);
    return NULL;
}

/* Does the first job in line, without the mutex. */
static void do_next(struct workers *workers, struct worker *worker)
{
    struct job *job = take_out(workers, &workers->first);
    enum mstr_code code = job_check(job);
    if (code == MSTR_OK) {
        code = cancel_follow(worker->cancel, job->limits.cancel) ? MSTR_OK : MSTR_E_MEMORY;
        worker->job = job;
    }
    pthread_mutex_unlock(&workers->mutex);
    code == MSTR_OK ? job_run(job, worker->cancel) : job_give_up(job, code);
    pthread_mutex_lock(&workers->mutex);
    worker->job = NULL;
    cancel_follow(worker->cancel, NULL); /* which may be freed from now on */
    pthread_mutex_unlock(&workers->mutex);
    workers->ended(job, workers->data);
    pthread_mutex_lock(&workers->mutex);
}

static void *work(void *data)
{
    struct worker *worker = data;
    struct workers *workers = worker->workers;
    pthread_mutex_lock(&workers->mutex);
    while (!workers->ending) {
        if (workers->first != NULL) {
            do_next(workers, worker);
        } else {
            workers->idle++;
            pthread_cond_wait(&workers->came, &workers->mutex);
            workers->idle--;
        }
    }
    pthread_mutex_unlock(&workers->mutex);
    return NULL;
}

static bool start_another(struct workers *workers)
{
    struct worker *worker = &workers->each[workers->count];
    *worker = (struct worker){.workers = workers, .cancel = mstr_cancel_new()};
    if (worker->cancel == NULL || !thread_start(&worker->thread, work, worker)) {
        mstr_cancel_free(worker->cancel);
        return false;
    }
    workers->count++;
    return true;
}

/* Under the mutex, as the next one. */
static void put_last(struct workers *workers, struct job *job)
{
    job->next = NULL;
    *workers->last = job;
    workers->last = &job->next;
    workers->queued++;
    pthread_cond_signal(&workers->came);
}

bool workers_put(struct workers *workers, struct job *job)
{
    pthread_mutex_lock(&workers->mutex);
    bool fresh = workers->queued >= workers->idle && workers->count < workers->most && start_another(workers);
    bool good = workers->count > 0;
    if (good) {
        put_last(workers, job);
        if (!workers->kept && !fresh && workers->queued > workers->idle) {
            workers->kept = thread_start(&workers->keeper, keep, workers);
        }
        tell_keeper(workers, job);
    }
    pthread_mutex_unlock(&workers->mutex);
    return good;
}

static bool cancel_running(struct workers *workers, uint64_t number)
{
    for (size_t i = 0; i < workers->count; i++) {
        struct worker *worker = &workers->each[i];
        if (worker->job != NULL && worker->job->result.job == number) {
            mstr_cancel_now(worker->cancel);
            return true;
        }
    }
    return false;
}

bool workers_cancel(struct workers *workers, uint64_t number)
{
    pthread_mutex_lock(&workers->mutex);
    struct job *job = workers->first;
    while (job != NULL && job->result.job != number) {
        job = job->next;
    }
    bool found = job != NULL || cancel_running(workers, number);
    if (job != NULL) {
        job->cancelled = true;
        tell_keeper(workers, job);
    }
    pthread_mutex_unlock(&workers->mutex);
    return found;
}

static void end_all(struct workers *workers)
{
    pthread_mutex_lock(&workers->mutex);
    workers->ending = true;
    for (size_t i = 0; i < workers->count; i++) {
        if (workers->each[i].job != NULL) {
            mstr_cancel_now(workers->each[i].cancel);
        }
    }
    pthread_cond_broadcast(&workers->came);
    pthread_cond_broadcast(&workers->due);
    pthread_mutex_unlock(&workers->mutex);
}

void workers_free(struct workers *workers)
{
    if (workers == NULL) {
        return;
    }
    end_all(workers);
    for (size_t i = 0; i < workers->count; i++) {
        pthread_join(workers->each[i].thread, NULL);
        mstr_cancel_free(workers->each[i].cancel);
    }
    if (workers->kept) {
        pthread_join(workers->keeper, NULL);
    }
    while (workers->first != NULL) {
        job_free(take_out(workers, &workers->first));
    }
    pthread_cond_destroy(&workers->came);
    pthread_cond_destroy(&workers->due);
    pthread_mutex_destroy(&workers->mutex);
    free(workers->each);
    free(workers);
}
