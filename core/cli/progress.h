/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far a run has come, for whoever waits: a line on the terminal that is written over, or now and then a line of
 * the log. A thread of its own tells it, as the run may wait for the server for hours.
 */
#ifndef MSTR_CLI_PROGRESS_H
#define MSTR_CLI_PROGRESS_H

#include "tool.h"

#include <pthread.h>
#include <stdatomic.h>

enum { PROGRESS_LINE_PERIOD = 60000 }; /* ms between two lines of the log */

struct progress {
    const struct tool *tool;
    const char *what; /* is counted: "rows" */
    int64_t period;
    bool begun;
    bool on_terminal;
    bool held, drawn; /* under the lock */
    int ends[2];      /* of a pipe that is written to at the end */
    pthread_t thread;
    pthread_mutex_t lock;
    _Atomic int64_t done;
    _Atomic int64_t expected; /* -1 = not known */
};

/* Begins to tell, unless there is nobody to tell: on the terminal that standard error is and where `alone` nothing
 * else is written, else by the log if that has lines of level info. */
void progress_begin(struct progress *progress, const struct tool *tool, const char *what, bool alone,
                    int64_t line_period);
/* While somebody is asked at the terminal, nothing is told. NULL is passed over. */
void progress_hold(struct progress *progress, bool hold);
/* Wipes the line off the terminal. */
void progress_end(struct progress *progress);

#endif
