/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starts a helper program: which file that is, whether it may be run, and what it is given.
 *
 * No shell is involved. The program is the leader of a process group of its own. It inherits no descriptor but its
 * three standard ones, no blocked or ignored signals, and of the environment only what is named. Signal handling,
 * working directory and environment of this process stay untouched. Thread-safe.
 */
#ifndef MSTR_PROVIDERS_SDK_PROCESS_START_H
#define MSTR_PROVIDERS_SDK_PROCESS_START_H

#include "sdk/process_child.h"

#include <mstr/provider.h>

struct process_spec {
    /* Ended by NULL. The first is an absolute path, or a bare name to be looked for in the absolute folders of
     * PATH. */
    const char *const *argv;
    enum mstr_code absent; /* the class where there is no such program; 0 = MSTR_E_NOT_AVAILABLE */
    bool trusted; /* only a program that nobody but root and the user could have written; root runs no other */
    const char *const *environment; /* names of variables handed on, ended by NULL; NULL = all of them */
    const struct mstr_header *set;  /* variables put in place of or beside these, ended by a NULL name; may be NULL */
    const char *directory;          /* to start in; NULL = that of this process */
    bool converses;                 /* its standard input stays open, as child->input */
    const void *input;              /* else for its standard input; not for secrets */
    size_t input_length;
    size_t output_limit; /* printing more is a failure; as what follows, for whoever reads it */
    size_t error_limit;  /* of standard error its last lines within so many octets are kept; 0 = 4096 */
    int64_t timeout;     /* ms, within the call's deadline; 0 = the deadline alone */
};

/* Whether it could be started now: MSTR_OK, or as child_start() would fail. */
enum mstr_code process_can_start(const struct process_spec *spec, struct mstr_error *error);
/* The child is for child_finish(). spec->absent when there is no such program; _CONFIG when it cannot be started;
 * _UNEXPECTED, _MEMORY. */
enum mstr_code child_start(const struct process_spec *spec, struct child *child, struct mstr_error *error);
/* Refuses a program or script that somebody else could have written, MSTR_E_CONFIG. One that is absent passes: that
 * it cannot be started is told then. */
enum mstr_code process_check(const char *path, struct mstr_error *error);

#endif
