/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a cached resolve costs through the public call, and how it scales: `cache_bench` prints nanoseconds a call by
 * one thread and by two at once, and the ratio of their throughput. With limits as arguments (ns, ratio) it fails
 * beyond them.
 */
#include "bench.h"

#include <pthread.h>
#include <time.h>

enum { CALLS = 2000000, ROUNDS = 5 };

static void *ask(void *context)
{
    for (int i = 0; i < CALLS; i++) {
        mstr_secret *secret = NULL;
        need(mstr_context_get(context, "bench:prod/mstr#password", NULL, &secret, NULL) == MSTR_OK, "a cached value");
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
    mstr_context *context = bench_context(NULL);
    double one = measure(context, 1);
    double two = measure(context, 2);
    double ratio = 2 * one / two;
    mstr_context_free(context);
    printf("cached resolve: %.0f ns; two threads: %.2f times the throughput of one\n", one, ratio);
    return argc == 3 && (one > strtod(argv[1], NULL) || ratio < strtod(argv[2], NULL));
}
