/* SPDX-License-Identifier: Apache-2.0 */
/* A fetch that answers from a table and writes down what it is asked. */
#include "support/fetch_double.h"

#include "support/unit.h"

#include <pthread.h>
#include <stdlib.h>

static const struct fetch_answer *find(const struct fetch_double *fetch, const char *reference)
{
    static const struct fetch_answer nothing = {NULL, NULL, false, MSTR_E_NOT_FOUND, NULL};
    const struct fetch_answer *answer = fetch->answers;
    while (answer->reference != NULL && strcmp(answer->reference, reference) != 0) {
        answer++;
    }
    return answer->reference != NULL ? answer : &nothing;
}

/* One outcome on its way. */
struct task {
    pthread_t thread;
    const struct fetch_double *fetch;
    const struct fetch_order *order;
    size_t index;
};

static void *tell(void *data)
{
    const struct task *task = data;
    const struct fetch_answer *answer = find(task->fetch, task->order->references[task->index]->parts.text);
    mstr_error *error = mstr_error_new();
    mstr_secret *secret = answer->value != NULL ? mstr_secret_new(answer->value, strlen(answer->value)) : NULL;
    if (secret == NULL) {
        error_set(error, answer->code, "the store says no");
        error_set_provider(error, answer->provider);
    }
    task->order->each(task->order->data, task->index,
                      &(struct fetched){.secret = secret,
                                        .keep = !answer->fleeting,
                                        .code = secret != NULL ? MSTR_OK : answer->code,
                                        .error = error});
    mstr_secret_release(secret);
    mstr_error_free(error);
    return NULL;
}

static void run(struct fetch *base, const struct fetch_order *order)
{
    struct fetch_double *fetch = (struct fetch_double *)(void *)base;
    struct task *tasks = calloc(order->count, sizeof(*tasks));
    buffer_puts(&fetch->record, order->refresh ? "refresh" : "fetch");
    for (size_t i = 0; i < order->count; i++) {
        buffer_printf(&fetch->record, " %s", order->references[i]->parts.text);
    }
    buffer_puts(&fetch->record, "\n");
    if (fetch->cancels != NULL) {
        mstr_cancel_now(fetch->cancels);
    }
    for (size_t i = 0; i < order->count; i++) {
        tasks[i] = (struct task){.fetch = fetch, .order = order, .index = i};
        if (fetch->in_threads) {
            assert_int_equal(pthread_create(&tasks[i].thread, NULL, tell, &tasks[i]), 0);
        } else {
            tell(&tasks[i]);
        }
    }
    for (size_t i = 0; i < order->count && fetch->in_threads; i++) {
        pthread_join(tasks[i].thread, NULL);
    }
    free(tasks);
}

void fetch_double_init(struct fetch_double *fetch, const struct fetch_answer *answers)
{
    *fetch = (struct fetch_double){.fetch = {run}, .answers = answers};
}

void fetch_double_release(struct fetch_double *fetch)
{
    buffer_release(&fetch->record);
}
