/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program that stays, and the thread that looks after it: it reads what the program says on standard error, sees
 * its end, and ends it when it has had nothing to do for long, when it owes an answer and has given none for long,
 * and when it is told to. What is asked and answered goes over child.input and child.output, past this thread.
 *
 * Whoever speaks with the program guards all of it by one mutex, which the thread takes too. In a descendant that
 * came by fork() it is closed, so that the program's input ends with the process that started it.
 */
#ifndef MSTR_PROVIDERS_BUILTIN_EXEC_PROGRAM_H
#define MSTR_PROVIDERS_BUILTIN_EXEC_PROGRAM_H

#include "sdk/process_start.h"

#include <pthread.h>

struct exec_program {
    /* Whoever speaks with it sets these before the start, the rest is 0. */
    pthread_mutex_t *mutex;
    void (*on_end)(struct exec_program *program); /* once it has ended, under the mutex */
    void *speaker;
    int64_t idle_after; /* ms after which a program that owes nothing is ended; 0 = never */

    struct child child;
    struct process_result result; /* how it ended, and the last of what it said */
    size_t owed;                  /* answers; the speaker counts them */
    int64_t last; /* monotonic ms of the last answer, or of the first question after it; the speaker's too */
    bool mute;    /* it was ended since it gave no answer for too long */
    bool ending;  /* it is told to end, and is no longer to be asked */
    bool killed;  /* since it did not */
    bool ended;

    /* The thread's own. */
    pthread_t thread;
    int wake; /* an eventfd that calls it */
    int64_t patience;
    int64_t kill_at;

    struct exec_program *next; /* of all that this process has */
};

/* It is ended too once it owes an answer and has given none for spec->timeout. Fails as child_start() does; it is
 * then the caller's to free(). */
enum mstr_code exec_program_start(struct exec_program *program, const struct process_spec *spec,
                                  struct mstr_error *error);
/* Under the mutex: ends its input, and kills it at once, or if it is still there after a second. */
void exec_program_end(struct exec_program *program, bool at_once);
/* Under the mutex: takes in what it has said, where child.errors is readable; and forgets that. */
void exec_program_listen(struct exec_program *program);
void exec_program_forget(struct exec_program *program);
/* Waits for its end, which exec_program_end() has brought about, or which was seen, and frees it. The mutex may be
 * held in the latter case alone. */
void exec_program_free(struct exec_program *program);
/* In a descendant: closes what was inherited of it, which fork() does by itself and other ways of the kernel do
 * not. */
void exec_program_disown(struct exec_program *program);

#endif
