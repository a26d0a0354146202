/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a cached resolve costs through the public call, and how it scales: `cache_bench` prints nanoseconds a call by
 * one thread and by two at once, and the ratio of their throughput. With limits as arguments (ns, ratio) it fails
 * beyond them.
 */
#include <mstr/mstr.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CALLS = 2000000, ROUNDS = 5 };

static const struct mstr_host *host;

static enum mstr_code create(const struct mstr_instance *instance, void **self, struct mstr_error *error)
{
    (void)instance;
    (void)error;
    *self = NULL;
    return MSTR_OK;
}

static void resolve(void *self, struct mstr_request *const *requests, size_t count, const struct mstr_call *call)
{
    static const char value[] = "{\"username\":\"user\",\"password\":\"word\"}";
    (void)self;
    (void)call;
    for (size_t i = 0; i < count; i++) {
        host->set_value(requests[i], value, strlen(value), NULL);
    }
}

static const struct mstr_provider *entry(const struct mstr_host *table)
{
    static const struct mstr_provider provider = {
        .abi_major = MSTR_ABI_MAJOR,
        .size = sizeof(provider),
        .flags = MSTR_PROVIDER_THREAD_SAFE | MSTR_PROVIDER_BATCH,
        .option_size = sizeof(struct mstr_option),
        .name = "bench",
        .version = "1",
        .summary = "gives one value",
        .create = create,
        .resolve = resolve,
    };
    host = table;
    return &provider;
}

static void *ask(void *context)
{
    for (int i = 0; i < CALLS; i++) {
        mstr_secret *secret = NULL;
        if (mstr_context_get(context, "bench:prod/mstr#password", NULL, &secret, NULL) != MSTR_OK) {
            abort();
        }
        mstr_secret_release(secret);
    }
    return NULL;
}

/* Nanoseconds of wall time for each call of one thread while `count` are at it; the best of some rounds. */
static double measure(mstr_context *context, size_t count)
{
    double best = 1e9;
    for (int round = 0; round < ROUNDS; round++) {
        pthread_t threads[2];
        struct timespec from;
        struct timespec to;
        clock_gettime(CLOCK_MONOTONIC, &from);
        for (size_t i = 0; i < count; i++) {
            pthread_create(&threads[i], NULL, ask, context);
        }
        for (size_t i = 0; i < count; i++) {
            pthread_join(threads[i], NULL);
        }
        clock_gettime(CLOCK_MONOTONIC, &to);
        double spent = ((double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec)) / CALLS;
        best = spent < best ? spent : best;
    }
    return best;
}

int main(int argc, char **argv)
{
    mstr_context *context = NULL;
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    options.flags = MSTR_CONTEXT_NO_CONFIG | MSTR_CONTEXT_NO_ENVIRONMENT;
    if (mstr_context_new(&options, &context, NULL) != MSTR_OK ||
        mstr_context_register(context, "bench", entry, NULL, NULL) != MSTR_OK) {
        return 1;
    }
    double one = measure(context, 1);
    double two = measure(context, 2);
    double ratio = 2 * one / two;
    mstr_context_free(context);
    printf("cached resolve: %.0f ns; two threads: %.2f times the throughput of one\n", one, ratio);
    return argc == 3 && (one > strtod(argv[1], NULL) || ratio < strtod(argv[2], NULL));
}
