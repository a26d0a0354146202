/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program that was started: its end, and what comes out of its pipes. Whoever has it reads it to its end, or kills
 * it, and takes its status; until then its number and its process group are its own. Not thread-safe.
 */
#ifndef MSTR_PROVIDERS_SDK_PROCESS_CHILD_H
#define MSTR_PROVIDERS_SDK_PROCESS_CHILD_H

#include "base/buffer.h"

#include <stdbool.h>
#include <sys/types.h>

/* Octets that one reading takes at most from a pipe at a time. */
enum { CHILD_PIECE = 4096 };

/* Descriptors are -1 where there is none. */
struct child {
    pid_t pid;  /* 0 = none, or its status was taken */
    int ended;  /* becomes readable when it ends; -1 too where the kernel has no such thing */
    int input;  /* its standard input, where that stays open; for send() and shutdown() */
    int output; /* it blocks nobody, as errors */
    int errors;
};

#define CHILD_NONE                                                                                                   \
    {                                                                                                                \
        0, -1, -1, -1, -1                                                                                            \
    }

struct process_result {
    int exit_status;  /* -1 when a signal ended it */
    int signal;       /* 0 when it exited */
    bool left_behind; /* it could not be killed, and may run on */
    struct buffer output;
    struct buffer errors;
};

/* Closes and forgets; -1 is accepted. */
void child_close(int *fd);
/* Reads what is there, but of one who writes on and on no more than a pipe can hold; false once it is at its end. Of
 * what it reads it keeps the last `tail` octets; 0 = all, within the buffer's limit. */
bool child_drain(int fd, struct buffer *into, size_t tail);
/* Drops the beginning of a tail that is full, up to where something whole begins. */
void child_begin_whole(struct buffer *tail, size_t limit);
/* Whether it has ended, or was left behind. Its status is then taken into the result. */
bool child_reap(struct child *child, struct process_result *result);
/* Kills its whole group, and itself should it have left that. One that has become another user, as by sudo(8), may
 * not be killed: it is left behind, and nobody waits for it. */
void child_kill(struct child *child, struct process_result *result);
/* Kills it unless it has ended, takes its status and closes everything. */
void child_finish(struct child *child, struct process_result *result);
/* Wipes. */
void process_release(struct process_result *result);

#endif
