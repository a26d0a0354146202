/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs programs for tests: argv, an environment of the test's own, text for stdin; collects stdout, stderr, how it
 * ended and how long it took. A program past its deadline is killed with its whole process group.
 */
#ifndef MSTR_TESTS_SUPPORT_PROCESS_H
#define MSTR_TESTS_SUPPORT_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { PROCESS_TIMEOUT_MS = 60000 };

struct process_options {
    const char *const *environment; /* NAME=value over the inherited ones, NAME alone takes one away; NULL-ended */
    bool clean_environment;         /* nothing is inherited */
    const char *input;              /* for stdin; NULL: empty */
    size_t input_length;            /* 0: the length of the text */
    const char *directory;          /* to run in */
    int timeout_ms;                 /* 0: PROCESS_TIMEOUT_MS */
};

struct process_result {
    int status; /* exit status; -1 when a signal ended it */
    int signal; /* that signal, or 0 */
    bool timed_out;
    char *output; /* stdout, NUL-terminated */
    size_t output_length;
    char *errors; /* stderr */
    size_t errors_length;
    double wall_ms;
};

/* argv[0] is looked up in PATH unless it has a slash. Fails the running test if the program cannot be started.
 * Release the result with child_release(). */
struct process_result child_run(const char *const *argv, const struct process_options *options);
void child_release(struct process_result *result);

/* Starts a program and leaves it running; *input is the writing end of its stdin. */
pid_t process_start(const char *const *argv, const struct process_options *options, int *input, int *output);

/* The program or folder that an environment variable names, set by CMake; fails the running test if it is unset. */
const char *process_path(const char *variable);

#endif
