/* SPDX-License-Identifier: Apache-2.0 */
/* Many like tasks side by side. */
#include "base/parallel.h"

#include "base/thread.h"

enum { THREADS_MAX = 63 };

struct tasks {
    size_t count;
    size_t next; /* atomic */
    void (*task)(void *data, size_t index);
    void *data;
};

static void *work(void *data)
{
    struct tasks *tasks = data;
    for (;;) {
        size_t index = __atomic_fetch_add(&tasks->next, 1, __ATOMIC_RELAXED);
        if (index >= tasks->count) {
            return NULL;
        }
        tasks->task(tasks->data, index);
    }
}

void parallel_run(size_t count, size_t most, void (*task)(void *data, size_t index), void *data)
{
    struct tasks tasks = {count, 0, task, data};
    pthread_t threads[THREADS_MAX];
    size_t started = 0;
    while (started + 1 < count && started + 1 < most && started < THREADS_MAX &&
           thread_start(&threads[started], work, &tasks)) {
        started++;
    }
    work(&tasks);
    while (started > 0) {
        pthread_join(threads[--started], NULL);
    }
}
