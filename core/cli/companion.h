/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program that the tool stays beside: a process group of its own, which has the terminal while the tool would have
 * it, and what it writes, which may pass through a mask. At a terminal the program writes to a pseudo-terminal of the
 * same size, so that it looks as it does without the tool.
 */
#ifndef MSTR_CLI_COMPANION_H
#define MSTR_CLI_COMPANION_H

#include "mask.h"
#include "signals.h"

#include <poll.h>
#include <stdint.h>
#include <sys/types.h>

/* One of its streams on the way to ours. */
struct companion_stream {
    int to;
    int from; /* -1 = not ours to pass on, or at its end */
    bool terminal;
    struct mask_stream masked;
    int64_t held_until; /* on deadline_clock() */
};

struct companion {
    pid_t pid;
    int status; /* as shells tell it, once it ended */
    bool ended;
    int terminal;                       /* which the group has; -1 = none */
    struct companion_stream streams[2]; /* standard output and error */
};

enum { COMPANION_SOURCES = 2 };

/* Starts `words` with an environment; a NULL mask hands our streams on as they are. SIGPIPE is as the tool found it.
 * 0, or an errno. */
int companion_start(struct companion *child, char *const *words, char *const *environment, const struct mask *mask,
                    const struct signals *signals, bool ignores_pipe);
/* Takes in a signal that we got: what became of the child, or one to pass on. */
void companion_signal(struct companion *child, int number, bool group);
/* Sends one to it, or to all of its group. */
void companion_kill(const struct companion *child, int number, bool group);
/* What there is to wait for, and until when at the latest; `sources` has room for COMPANION_SOURCES. */
void companion_sources(const struct companion *child, struct pollfd *sources, int64_t *until);
/* Passes on what has come, what was held back long enough, and another size of the terminal. */
void companion_pass_on(struct companion *child, const struct pollfd *sources);
/* Passes on the rest of a child that ended, takes the terminal back, and frees. */
void companion_finish(struct companion *child);

#endif
