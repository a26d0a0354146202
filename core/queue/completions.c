/* SPDX-License-Identifier: Apache-2.0 */
/* Ended jobs, and how the program hears of them. */
#include "queue/completions.h"

#include "base/condition.h"

#include <sys/eventfd.h>
#include <unistd.h>

bool completions_init(struct completions *completions, const mstr_queue_options *options)
{
    *completions =
        (struct completions){.places = options->capacity, .notify = options->notify, .data = options->data};
    completions->last = &completions->first;
    completions->descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (completions->descriptor < 0) {
        return false;
    }
    if (!condition_init(&completions->came)) {
        close(completions->descriptor);
        return false;
    }
    pthread_mutex_init(&completions->mutex, NULL);
    return true;
}

void completions_destroy(struct completions *completions)
{
    while (completions->first != NULL) {
        struct job *job = completions->first;
        completions->first = job->next;
        job_free(job);
    }
    close(completions->descriptor);
    pthread_cond_destroy(&completions->came);
    pthread_mutex_destroy(&completions->mutex);
}

bool completions_reserve(struct completions *completions)
{
    pthread_mutex_lock(&completions->mutex);
    bool good = completions->places > 0;
    completions->places -= good;
    pthread_mutex_unlock(&completions->mutex);
    return good;
}

void completions_give_back(struct completions *completions)
{
    pthread_mutex_lock(&completions->mutex);
    completions->places++;
    pthread_mutex_unlock(&completions->mutex);
}

/* Under the mutex, as what makes it true. An eventfd that counts one or nothing neither blocks nor fails. */
static void show(const struct completions *completions, bool something)
{
    uint64_t count = 1;
    ssize_t done = something ? write(completions->descriptor, &count, sizeof(count))
                             : read(completions->descriptor, &count, sizeof(count));
    (void)done;
}

void completions_put(struct completions *completions, struct job *job)
{
    pthread_mutex_lock(&completions->mutex);
    bool was_empty = completions->first == NULL;
    job->next = NULL;
    *completions->last = job;
    completions->last = &job->next;
    if (was_empty) {
        show(completions, true);
    }
    pthread_cond_signal(&completions->came);
    pthread_mutex_unlock(&completions->mutex);
    if (was_empty && completions->notify != NULL) {
        completions->notify(completions->data);
    }
}

struct job *completions_take(struct completions *completions, const struct limits *limits)
{
    pthread_mutex_lock(&completions->mutex);
    enum mstr_code code = MSTR_OK;
    while (completions->first == NULL && code == MSTR_OK) {
        code = limits_wait(&completions->came, &completions->mutex, limits);
    }
    struct job *job = completions->first;
    if (job != NULL) {
        completions->first = job->next;
        completions->places++;
    }
    if (job != NULL && completions->first == NULL) {
        completions->last = &completions->first;
        show(completions, false);
    }
    pthread_mutex_unlock(&completions->mutex);
    return job;
}
