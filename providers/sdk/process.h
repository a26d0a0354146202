/*
 * Runs a helper program and gathers what it prints: for exec: references and for the clouds' own helpers.
 *
 * No shell is involved. The program is the leader of a process group of its own, which is killed as a whole when the
 * deadline ends or the caller cancels. It inherits no descriptor but its three standard ones, no blocked or ignored
 * signals, and of the environment only what is named. What it prints is bounded, and wiped by process_release().
 * Signal handling, working directory and environment of this process stay untouched. Thread-safe.
 */
#ifndef MSTR_PROVIDERS_SDK_PROCESS_H
#define MSTR_PROVIDERS_SDK_PROCESS_H

#include "base/buffer.h"

#include <mstr/provider.h>
#include <stdbool.h>

struct process_spec {
    /* Ended by NULL. The first is an absolute path, or a bare name to be looked for in the absolute folders of PATH.
     */
    const char *const *argv;
    enum mstr_code absent; /* the class where there is no such program; 0 = MSTR_E_NOT_AVAILABLE */
    bool trusted; /* only a program that nobody but root and the user could have written; root runs no other */
    const char *const *environment; /* names of variables handed on, ended by NULL; NULL = all of them */
    const struct mstr_header *set;  /* variables put in place of or beside these, ended by a NULL name; may be NULL */
    const char *directory;          /* to start in; NULL = that of this process */
    const void *input;              /* for its standard input; not for secrets */
    size_t input_length;
    size_t output_limit; /* printing more is a failure */
    size_t error_limit;  /* of standard error its last lines within so many octets are kept; 0 = 4096 */
    int64_t timeout;     /* ms, within the call's deadline; 0 = the deadline alone */
};

struct process_result {
    int exit_status; /* -1 when a signal ended it */
    int signal;      /* 0 when it exited */
    struct buffer output;
    struct buffer errors;
};

/* Whether it could be started now: MSTR_OK, or as process_run() would fail. */
enum mstr_code process_can_start(const struct process_spec *spec, struct mstr_error *error);
/* Runs it to its end. MSTR_OK whatever the exit status; spec->absent when there is no such program; _CONFIG when it
 * cannot be started; _TIMEOUT, _CANCELLED; _PROTOCOL when it prints too much; _MEMORY. The result is to be released
 * whatever happened; on failure it holds what had been printed until then. */
enum mstr_code process_run(const struct mstr_call *call, const struct process_spec *spec,
                           struct process_result *result, struct mstr_error *error);
void process_release(struct process_result *result);
/* Refuses a program or script that somebody else could have written, MSTR_E_CONFIG. One that is absent passes: that
 * it cannot be started is told then. */
enum mstr_code process_check(const char *path, struct mstr_error *error);

#endif
