/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a program that stays costs beside its own lines: `lines_bench ROUNDS PROGRAM...` has 1,000 references
 * resolved, one after another, by the program as `plugin = exec` with `protocol = lines`, and then writes and reads
 * the same lines in a bare loop to another process of it, in turn. It prints the best round of both, in us a
 * reference, and their ratio. `lines_bench serve` is such a program itself, which answers at once.
 */
#define _GNU_SOURCE /* pipe2() */
#include <mstr/mstr.h>

#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { CALLS = 1000, THREADS = 4 };

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static int serve(void)
{
    char line[4096];
    while (fgets(line, sizeof(line), stdin) != NULL) {
        const char *id = strstr(line, "\"id\":");
        printf("{\"version\":1,\"id\":%d,\"results\":[{\"value\":\"s3cret\",\"version\":\"1\"}]}\n",
               id != NULL ? atoi(id + 5) : 0);
        fflush(stdout);
    }
    return 0;
}

static mstr_context *make_context(char **argv)
{
    char path[] = "/tmp/mstr-bench-XXXXXX";
    mstr_context *context = NULL;
    mstr_error *error = mstr_error_new();
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    FILE *file = fdopen(mkstemp(path), "w");
    fprintf(file,
            "[cache]\nttl = 0\n[provider x]\nplugin = exec\nprotocol = lines\nenvironment = SECRETS_FILE\ncommand =");
    for (; *argv != NULL; argv++) {
        fprintf(file, " %s", *argv);
    }
    fprintf(file, "\n");
    fclose(file);
    options.config_file = path;
    if (mstr_context_new(&options, &context, error) != MSTR_OK) {
        fprintf(stderr, "%s\n", mstr_error_message(error));
        exit(1);
    }
    unlink(path);
    mstr_error_free(error);
    return context;
}

static void *resolve(void *context)
{
    mstr_error *error = mstr_error_new();
    for (int i = 0; i < CALLS / THREADS; i++) {
        mstr_secret *secret = NULL;
        if (mstr_context_get(context, "x:one", NULL, &secret, error) != MSTR_OK) {
            fprintf(stderr, "%s\n", mstr_error_message(error));
            exit(1);
        }
        mstr_secret_release(secret);
    }
    mstr_error_free(error);
    return NULL;
}

/* By one thread, or by several at once. */
static double resolve_all(mstr_context *context, bool at_once)
{
    pthread_t threads[THREADS];
    double started = now();
    for (int i = 0; i < THREADS; i++) {
        if (at_once) {
            pthread_create(&threads[i], NULL, resolve, context);
        } else {
            resolve(context);
        }
    }
    for (int i = 0; at_once && i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    return now() - started;
}

static void start(char **argv, int *to, int *from)
{
    posix_spawn_file_actions_t actions;
    pid_t child = 0;
    int in[2];
    int out[2];
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) {
        exit(1);
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    if (posix_spawnp(&child, argv[0], &actions, NULL, argv, environ) != 0) {
        exit(1);
    }
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    *to = in[1];
    *from = out[0];
}

static double write_and_read_all(int to, int from)
{
    char line[4096];
    double started = now();
    for (int i = 0; i < CALLS; i++) {
        int length = snprintf(
            line, sizeof(line),
            "{\"version\":1,\"id\":%d,\"timeout\":30000,\"references\":[{\"body\":\"one\",\"query\":{}}]}\n", i);
        if (write(to, line, (size_t)length) != length) {
            exit(1);
        }
        do {
            length = (int)read(from, line, sizeof(line));
        } while (length > 0 && line[length - 1] != '\n');
        if (length <= 0) {
            exit(1);
        }
    }
    return now() - started;
}

int main(int argc, char **argv)
{
    double resolved = 1e9;
    double beside = 1e9;
    double bare = 1e9;
    const int rounds = argc > 2 ? atoi(argv[1]) : 0;
    int to = -1;
    int from = -1;
    if (argc == 2 && strcmp(argv[1], "serve") == 0) {
        return serve();
    }
    if (rounds < 1) {
        fprintf(stderr, "usage: lines_bench ROUNDS PROGRAM...\n");
        return 2;
    }
    mstr_context *context = make_context(argv + 2);
    start(argv + 2, &to, &from);
    resolve_all(context, false);
    write_and_read_all(to, from);
    for (int i = 0; i < rounds; i++) {
        resolved = fmin(resolved, resolve_all(context, false) / CALLS);
        beside = fmin(beside, resolve_all(context, true) / CALLS);
        bare = fmin(bare, write_and_read_all(to, from) / CALLS);
    }
    mstr_context_free(context);
    printf("a resolve / its lines in a bare loop, %s: %.1f / %.1f us ratio %.2f; by %d threads at once %.1f us ratio "
           "%.2f\n",
           argv[2], resolved, bare, resolved / bare, THREADS, beside, beside / bare);
    return 0;
}
