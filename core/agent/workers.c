/* SPDX-License-Identifier: Apache-2.0 */
/* The threads that wait for stores in the place of the serving thread. */
#include "workers.h"

#include "base/thread.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_MAX = 64 }; /* longer ones are one another's if they begin alike */

struct worker {
    pthread_t thread;
    struct workers *workers;
    char key[KEY_MAX]; /* of what it is doing; "" = nothing that counts */
};

struct workers {
    pthread_mutex_t mutex;
    pthread_cond_t changed; /* a job came or ended, or the end has come */
    struct worker *each;
    size_t most;
    size_t most_for_key;
    size_t count; /* of started threads */
    size_t idle;
    size_t queued;
    struct job *first;
    struct job **last;
    bool ending;
};

struct workers *workers_new(size_t most, size_t most_for_key)
{
    struct workers *workers = calloc(1, sizeof(*workers));
    if (workers == NULL || (workers->each = calloc(most, sizeof(*workers->each))) == NULL) {
        free(workers);
        return NULL;
    }
    pthread_mutex_init(&workers->mutex, NULL);
    pthread_cond_init(&workers->changed, NULL);
    workers->most = most;
    workers->most_for_key = most_for_key;
    workers->last = &workers->first;
    return workers;
}

static bool is_full(const struct workers *workers, const char *key)
{
    size_t busy = 0;
    for (size_t i = 0; key != NULL && i < workers->count; i++) {
        busy += strncmp(workers->each[i].key, key, KEY_MAX - 1) == 0;
    }
    return busy >= workers->most_for_key;
}

/* Takes out the job that a link leads to; NULL if there is none. Under the mutex, as the next one. */
static struct job *take_out(struct workers *workers, struct job **link)
{
    struct job *job = *link;
    if (job != NULL) {
        *link = job->next;
        workers->queued--;
        workers->last = job->next == NULL ? link : workers->last;
    }
    return job;
}

/* Takes out the first job that may be done now; NULL if there is none. */
static struct job *take(struct workers *workers)
{
    struct job **link = &workers->first;
    while (*link != NULL && is_full(workers, (*link)->key)) {
        link = &(*link)->next;
    }
    return take_out(workers, link);
}

static void *work(void *data)
{
    struct worker *worker = data;
    struct workers *workers = worker->workers;
    pthread_mutex_lock(&workers->mutex);
    for (;;) {
        struct job *job = take(workers);
        if (job != NULL) {
            snprintf(worker->key, KEY_MAX, "%s", job->key != NULL ? job->key : "");
            pthread_mutex_unlock(&workers->mutex);
            job->run(job->data);
            pthread_mutex_lock(&workers->mutex);
            worker->key[0] = '\0';
            pthread_cond_broadcast(&workers->changed); /* one that waited for this key may begin */
        } else if (workers->ending && workers->first == NULL) {
            break;
        } else {
            workers->idle++;
            pthread_cond_wait(&workers->changed, &workers->mutex);
            workers->idle--;
        }
    }
    pthread_mutex_unlock(&workers->mutex);
    return NULL;
}

/* Under the mutex. */
static void start_another(struct workers *workers)
{
    struct worker *worker = &workers->each[workers->count];
    *worker = (struct worker){.workers = workers};
    workers->count += thread_start(&worker->thread, work, worker);
}

bool workers_put(struct workers *workers, struct job *job)
{
    pthread_mutex_lock(&workers->mutex);
    if (workers->queued >= workers->idle && workers->count < workers->most && !is_full(workers, job->key)) {
        start_another(workers);
    }
    bool good = workers->count > 0;
    if (good) {
        job->next = NULL;
        *workers->last = job;
        workers->last = &job->next;
        workers->queued++;
        pthread_cond_broadcast(&workers->changed);
    }
    pthread_mutex_unlock(&workers->mutex);
    return good;
}

bool workers_drop(struct workers *workers, struct job *job)
{
    pthread_mutex_lock(&workers->mutex);
    struct job **link = &workers->first;
    while (*link != NULL && *link != job) {
        link = &(*link)->next;
    }
    bool found = take_out(workers, link) != NULL;
    pthread_mutex_unlock(&workers->mutex);
    return found;
}

void workers_free(struct workers *workers)
{
    if (workers == NULL) {
        return;
    }
    pthread_mutex_lock(&workers->mutex);
    workers->ending = true;
    pthread_cond_broadcast(&workers->changed);
    pthread_mutex_unlock(&workers->mutex);
    for (size_t i = 0; i < workers->count; i++) {
        pthread_join(workers->each[i].thread, NULL);
    }
    pthread_cond_destroy(&workers->changed);
    pthread_mutex_destroy(&workers->mutex);
    free(workers->each);
    free(workers);
}
