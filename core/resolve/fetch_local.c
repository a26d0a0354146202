/* SPDX-License-Identifier: Apache-2.0 */
/* Values from the providers of this process. */
#include "resolve/fetch_local.h"

#include "base/log.h"
#include "base/thread.h"
#include "plugin/creation.h"

#include <stdlib.h>
#include <string.h>

/* The references of one provider instance, by their places in the order. */
struct batch {
    struct registry *registry;
    const struct fetch_order *order;
    size_t *places;
    size_t count;
};

static const struct reference *reference_at(const struct batch *batch, size_t index)
{
    return batch->order->references[batch->places[index]];
}

static void tell(const struct batch *batch, size_t index, const struct fetched *fetched)
{
    batch->order->each(batch->order->data, batch->places[index], fetched);
}

/* Asks the instance for all of the batch. False without memory. */
static bool ask(const struct batch *batch, struct instance *instance, struct request *requests,
                struct request **pointers)
{
    const struct services *services = registry_services(batch->registry);
    struct call call;
    bool good = true;
    call_init(&call, services, batch->order->limits);
    for (size_t i = 0; i < batch->count; i++) {
        good = request_init(&requests[i], reference_at(batch, i), batch->order->refresh) && good;
        pointers[i] = &requests[i];
    }
    if (good) {
        log_write(services->log, MSTR_LEVEL_DEBUG, instance->host.public.name, "fetching %zu secret%s [%s]",
                  batch->count, batch->count == 1 ? "" : "s", call.trace_id);
        instance_resolve(instance, pointers, batch->count, &call);
    }
    call_release(&call);
    return good;
}

static void run_batch(const struct batch *batch)
{
    struct instance *instance = NULL;
    struct request *requests = calloc(batch->count, sizeof(*requests));
    struct request **pointers = calloc(batch->count, sizeof(*pointers));
    mstr_error *error = mstr_error_new();
    enum mstr_code code = requests != NULL && pointers != NULL && error != NULL ? MSTR_OK : MSTR_E_MEMORY;
    if (code == MSTR_OK) {
        code = creation_find(batch->registry, reference_at(batch, 0)->parts.scheme, batch->order->limits, &instance,
                             error);
    }
    if (code == MSTR_OK && !ask(batch, instance, requests, pointers)) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    for (size_t i = 0; i < batch->count; i++) {
        if (code != MSTR_OK) { /* the provider could not even be asked */
            tell(batch, i, &(struct fetched){.code = code, .error = error});
        } else {
            const struct request *request = &requests[i];
            tell(batch, i,
                 &(struct fetched){.secret = request->secret,
                                   .keep = request->keep,
                                   .code = request->code,
                                   .error = request->public.error});
        }
        if (requests != NULL) {
            request_release(&requests[i]);
        }
    }
    mstr_error_free(error);
    free(pointers);
    free(requests);
}

static void *run_batch_thread(void *data)
{
    run_batch(data);
    return NULL;
}

/* Moves the places of references that share the first one's scheme to the front; how many they are. */
static size_t gather(const struct fetch_order *order, size_t *places, size_t count)
{
    const char *scheme = order->references[places[0]]->parts.scheme;
    size_t gathered = 1;
    for (size_t i = 1; i < count; i++) {
        if (strcmp(order->references[places[i]]->parts.scheme, scheme) == 0) {
            size_t found = places[i];
            places[i] = places[gathered];
            places[gathered++] = found;
        }
    }
    return gathered;
}

/* Runs the batches of all schemes side by side: each in a thread of its own but the last, which runs here, as does
 * any for which no thread can be had. */
static void run_batches(struct batch all, struct batch *batches, pthread_t *threads)
{
    size_t running = 0;
    for (size_t done = 0, number = 0; done < all.count; number++) {
        struct batch *batch = &batches[number];
        *batch = all;
        batch->places = all.places + done;
        batch->count = gather(all.order, batch->places, all.count - done);
        done += batch->count;
        if (done < all.count && thread_start(&threads[running], run_batch_thread, batch)) {
            running++;
        } else {
            run_batch(batch);
        }
    }
    while (running > 0) {
        pthread_join(threads[--running], NULL);
    }
}

static void run(struct fetch *fetch, const struct fetch_order *order)
{
    size_t *places = calloc(order->count, sizeof(*places));
    struct batch *batches = calloc(order->count, sizeof(*batches));
    pthread_t *threads = calloc(order->count, sizeof(*threads));
    if (places != NULL && batches != NULL && threads != NULL) {
        for (size_t i = 0; i < order->count; i++) {
            places[i] = i;
        }
        const struct fetch_local *local = (const struct fetch_local *)(const void *)fetch;
        run_batches((struct batch){local->registry, order, places, order->count}, batches, threads);
    } else {
        for (size_t i = 0; i < order->count; i++) {
            order->each(order->data, i, &(struct fetched){.code = MSTR_E_MEMORY}); /* without memory for an error */
        }
    }
    free(threads);
    free(batches);
    free(places);
}

void fetch_local_init(struct fetch_local *local, struct registry *registry)
{
    *local = (struct fetch_local){{run}, registry};
}
