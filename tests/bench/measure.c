/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands measured side by side: `measure ROUNDS NAME A... -- B...` runs A and B in turn and prints the medians of
 * wall time, processor time and peak memory of each, and their ratio A/B; `measure ROUNDS - A... -- B... -- C...`
 * prints a line for each of up to eight, with tabs between the three. Whole processes, as the kernel accounts for
 * them; their output goes to /dev/null. Interleaved, so that a machine whose speed drifts does not favour any.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

enum { ROUNDS_MAX = 1000, WARM_UP = 3, COMMANDS_MAX = 8 };

struct figures {
    double wall[ROUNDS_MAX];   /* ms */
    double cpu[ROUNDS_MAX];    /* ms */
    double memory[ROUNDS_MAX]; /* MiB */
    int status;                /* of the last run that failed */
};

static double milliseconds(struct timeval time)
{
    return (double)time.tv_sec * 1e3 + (double)time.tv_usec / 1e3;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

/* One run; its figures go to index `round`, those of the warm-up nowhere. */
static void run(char **argv, struct figures *figures, int round)
{
    posix_spawn_file_actions_t actions;
    struct rusage usage;
    pid_t child = 0;
    int status = 0;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    double started = now();
    int failure = posix_spawnp(&child, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failure != 0) {
        fprintf(stderr, "measure: %s: %s\n", argv[0], strerror(failure));
        exit(1);
    }
    while (wait4(child, &status, 0, &usage) < 0 && errno == EINTR) {
    }
    double ended = now();
    if (status != 0) {
        figures->status = status;
    }
    if (round >= 0) {
        figures->wall[round] = ended - started;
        figures->cpu[round] = milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime);
        figures->memory[round] = (double)usage.ru_maxrss / 1024;
    }
}

static int ascending(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, ascending);
    return values[count / 2];
}

static void print(const char *what, const char *unit, double *a, double *b, int count)
{
    double left = median(a, count);
    double right = median(b, count);
    printf("  %-7s %8.2f  / %8.2f %-4s ratio %5.2f\n", what, left, right, unit, left / right);
}

static void print_ratios(const char *name, struct figures *a, struct figures *b, int rounds)
{
    printf("%s (%d rounds)\n", name, rounds);
    print("wall", "ms", a->wall, b->wall, rounds);
    print("cpu", "ms", a->cpu, b->cpu, rounds);
    print("memory", "MiB", a->memory, b->memory, rounds);
}

/* The commands' words, each ended by a NULL in the place of its "--"; how many, 0 = none, too many, or an empty one.
 */
static int split(char **words, char **commands[COMMANDS_MAX])
{
    int count = 0;
    for (char **begin = words; *begin != NULL; begin = words) {
        while (*words != NULL && strcmp(*words, "--") != 0) {
            words++;
        }
        if (words == begin || count == COMMANDS_MAX) {
            return 0;
        }
        commands[count++] = begin;
        if (*words != NULL) {
            *words++ = NULL;
        }
    }
    return count;
}

int main(int argc, char **argv)
{
    static struct figures figures[COMMANDS_MAX];
    char **commands[COMMANDS_MAX];
    int rounds = argc > 1 ? atoi(argv[1]) : 0;
    bool table = argc > 2 && strcmp(argv[2], "-") == 0;
    int count = argc > 3 ? split(argv + 3, commands) : 0;
    int status = 0;
    if (rounds < 1 || rounds > ROUNDS_MAX || count == 0 || (!table && count != 2)) {
        fprintf(stderr, "usage: measure ROUNDS NAME A... -- B...\n       measure ROUNDS - A... [-- B...]...\n");
        return 2;
    }
    for (int round = -WARM_UP; round < rounds; round++) {
        for (int i = 0; i < count; i++) {
            run(commands[i], &figures[i], round);
        }
    }
    if (!table) {
        print_ratios(argv[2], &figures[0], &figures[1], rounds);
    }
    for (int i = 0; i < count; i++) {
        struct figures *own = &figures[i];
        if (table) {
            printf("%.3f\t%.3f\t%.3f\n", median(own->wall, rounds), median(own->cpu, rounds),
                   median(own->memory, rounds));
        }
        if (own->status != 0) {
            fprintf(stderr, "measure: %s failed: wait status %d\n", commands[i][0], own->status);
            status = 1;
        }
    }
    return status;
}
