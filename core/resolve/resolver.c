/* From references to values. */
#include "resolve/resolver.h"

#include "base/log.h"
#include "context/context.h"
#include "secret/field.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* The lookups of one provider instance that this caller has to fetch. */
struct batch {
    mstr_context *context;
    struct cache *cache;
    struct registry *registry;
    struct lookup **lookups;
    size_t count;
    bool refresh;
    const struct limits *limits;
};

/* Hands one outcome to the cache, to all who wait for it, and to the lookup. */
static void publish(const struct batch *batch, struct lookup *lookup, const struct request *request)
{
    enum mstr_code ended = limits_check(batch->limits);
    const struct cache_result result = {
        .secret = request->secret,
        .keep = request->keep,
        .gave_up = ended != MSTR_OK && request->secret == NULL,
        .code = request->code,
        .error = request->public.error,
    };
    cache_publish(batch->cache, &lookup->claim, &result, lookup->error);
}

/* Fails the whole batch: the provider could not even be asked. */
static void fail_batch(const struct batch *batch, enum mstr_code code, mstr_error *told)
{
    for (size_t i = 0; i < batch->count; i++) {
        const struct request failed = {.keep = false, .code = code, .public = {.error = told}};
        publish(batch, batch->lookups[i], &failed);
    }
}

/* Asks the instance for all of the batch. False without memory. */
static bool ask(const struct batch *batch, struct instance *instance, struct request *requests,
                struct request **pointers)
{
    struct call call;
    bool good = true;
    call_init(&call, batch->context, batch->limits);
    for (size_t i = 0; i < batch->count; i++) {
        good = request_init(&requests[i], batch->lookups[i]->reference, batch->refresh) && good;
        pointers[i] = &requests[i];
    }
    if (good) {
        log_write(context_log(batch->context), MSTR_LEVEL_DEBUG, instance->public.name, "fetching %zu secret%s [%s]",
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
        code = registry_find(batch->registry, batch->lookups[0]->reference->parts.scheme, &instance, error);
    }
    if (code == MSTR_OK) {
        code = instance_ready(instance, batch->limits, error);
    }
    if (code == MSTR_OK && !ask(batch, instance, requests, pointers)) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (code != MSTR_OK) {
        fail_batch(batch, code, error);
    }
    for (size_t i = 0; requests != NULL && i < batch->count; i++) {
        if (code == MSTR_OK) {
            publish(batch, batch->lookups[i], &requests[i]);
        }
        request_release(&requests[i]);
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

static bool same_scheme(const struct lookup *a, const struct lookup *b)
{
    return strcmp(a->reference->parts.scheme, b->reference->parts.scheme) == 0;
}

/* Moves the lookups that share the first one's scheme to the front; how many they are. */
static size_t gather(struct lookup **lookups, size_t count)
{
    size_t gathered = 1;
    for (size_t i = 1; i < count; i++) {
        if (same_scheme(lookups[0], lookups[i])) {
            struct lookup *found = lookups[i];
            lookups[i] = lookups[gathered];
            lookups[gathered++] = found;
        }
    }
    return gathered;
}

/* Runs the batches of all schemes side by side: each in a thread of its own but the last, which runs here, as does
 * any for which no thread can be had. */
static void fetch(const struct batch *all)
{
    struct batch *batches = calloc(all->count, sizeof(*batches));
    pthread_t *threads = calloc(all->count, sizeof(*threads));
    size_t running = 0;
    for (size_t done = 0, number = 0; done < all->count; number++) {
        struct batch batch = *all;
        batch.lookups = all->lookups + done;
        batch.count = gather(batch.lookups, all->count - done);
        done += batch.count;
        bool threaded = false;
        if (done < all->count && batches != NULL && threads != NULL) {
            batches[number] = batch;
            threaded = pthread_create(&threads[running], NULL, run_batch_thread, &batches[number]) == 0;
            running += threaded;
        }
        if (!threaded) {
            run_batch(&batch);
        }
    }
    while (running > 0) {
        pthread_join(threads[--running], NULL);
    }
    free(threads);
    free(batches);
}

/* The claim's value, or the field of it, becomes the lookup's. */
static void settle(struct lookup *lookup)
{
    const struct reference *reference = lookup->reference;
    lookup->settled = true;
    lookup->code = lookup->claim.code;
    lookup->fresh_until = lookup->claim.fresh_until;
    if (lookup->claim.answer == CACHE_VALUE && reference->field != NULL) {
        lookup->code = field_select(lookup->claim.secret, reference->field, &lookup->secret, lookup->error);
        mstr_secret_release(lookup->claim.secret);
    } else if (lookup->claim.answer == CACHE_VALUE) {
        lookup->secret = lookup->claim.secret;
    }
    lookup->claim.secret = NULL;
    if (lookup->code != MSTR_OK) {
        error_set_reference(lookup->error, reference->parts.text);
        if (mstr_error_provider(lookup->error) == NULL) {
            error_set_provider(lookup->error, reference->parts.scheme);
        }
    }
}

/* One pass: claims, fetches what is this caller's to fetch, waits for what others fetch. True if all is settled. */
static bool pass(const struct batch *all, struct lookup *lookups, size_t count)
{
    struct batch mine = *all;
    bool settled = true;
    mine.count = 0;
    for (size_t i = 0; i < count; i++) {
        struct lookup *lookup = &lookups[i];
        if (!lookup->settled) {
            cache_claim(all->cache, lookup->reference->key, all->refresh, &lookup->claim, lookup->error);
            if (lookup->claim.answer == CACHE_FETCH) {
                mine.lookups[mine.count++] = lookup;
            }
        }
    }
    if (mine.count > 0) {
        fetch(&mine);
    }
    for (size_t i = 0; i < count; i++) {
        struct lookup *lookup = &lookups[i];
        if (lookup->settled) {
            continue;
        }
        if (lookup->claim.answer == CACHE_WAIT) {
            cache_wait(all->cache, &lookup->claim, all->limits, lookup->error);
        }
        if (lookup->claim.answer == CACHE_AGAIN) {
            settled = false;
        } else {
            settle(lookup);
        }
    }
    return settled;
}

void resolver_run(mstr_context *context, struct cache *cache, struct registry *registry, struct lookup *lookups,
                  size_t count, bool refresh, const struct limits *limits)
{
    struct lookup **mine = calloc(count, sizeof(struct lookup *));
    const struct batch all = {context, cache, registry, mine, 0, refresh, limits};
    for (size_t i = 0; i < count; i++) {
        lookups[i].secret = NULL;
        lookups[i].settled = false;
        if (mine == NULL) {
            lookups[i].code = error_set(lookups[i].error, MSTR_E_MEMORY, "out of memory");
        }
    }
    while (mine != NULL && !pass(&all, lookups, count)) {
        /* a fetcher gave up for reasons of its own: whoever still has time takes over */
    }
    free(mine);
}
