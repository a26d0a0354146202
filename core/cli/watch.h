/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values that are asked for again and again, on a thread of its own, until they are others. One that cannot be asked
 * for is no change: a failing store never restarts anything.
 */
#ifndef MSTR_CLI_WATCH_H
#define MSTR_CLI_WATCH_H

#include "asked.h"

#include <pthread.h>

/* In ms. */
struct watch_times {
    int64_t interval; /* from one look to the next, by up to a tenth more or less */
    int64_t gather;   /* after a change, for others that come with it */
    int64_t splay;    /* after that, at random up to so long, lest all machines act at once */
};
/* Where the options say nothing. */
enum { WATCH_INTERVAL = 60000, WATCH_GATHER = 2000 };

struct watch {
    mstr_context *context;
    struct watch_times times;
    struct asked known; /* answered as they were told last; the thread's own */
    mstr_cancel *cancel;
    int told[2]; /* a pipe with an octet for each change */
    int stop[2]; /* a pipe that is closed to end the thread */
    pthread_mutex_t mutex;
    struct asked changed; /* the last answers, until they are taken */
    pthread_t thread;
    bool running;
};

/* Begins, with the answers so far, whose texts must live until watch_stop(). False without memory or descriptors. */
bool watch_start(struct watch *watch, mstr_context *context, const struct asked *known, struct watch_times times);
/* Readable once there is a change. */
int watch_descriptor(const struct watch *watch);
/* The answers after the last change, to be released; false if there was none. */
bool watch_take(struct watch *watch, struct asked *changed);
/* Ends a look that is under way, too. */
void watch_stop(struct watch *watch);

/* The options --poll and --splay: 0, or an exit status after having told what is wrong. */
int watch_option_poll(struct tool *tool, const char *value, struct watch_times *times);
int watch_option_splay(struct tool *tool, const char *value, struct watch_times *times);

#endif
