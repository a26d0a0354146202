/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program that the tool stays beside, and what it writes, which may pass through a mask. At a terminal it is in our
 * process group, as it would be without us, with whoever else is in a pipeline; it writes to a pseudo-terminal of the
 * same size, so that it looks as it does without the tool. Elsewhere it leads a group of its own.
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
    struct octets out;  /* what our reader has not taken yet; until then nothing more is read */
    int failure;        /* errno of what ended the passing on; 0 = nothing did */
};

struct companion {
    pid_t pid;
    int status; /* as shells tell it, once it ended */
    bool ended;
    bool shares;                        /* it is in our group, which hears what is typed at the terminal */
    struct companion_stream streams[2]; /* standard output and error */
};

enum { COMPANION_SOURCES = 2 };

/* Starts `words` with an environment; a NULL mask hands our streams on as they are. SIGPIPE is as the tool found it.
 * 0, or an errno. */
int companion_start(struct companion *child, char *const *words, char *const *environment, const struct mask *mask,
                    const struct signals *signals, bool ignores_pipe);
/* Takes in a signal that we got, and whether all of our group did: what became of the child, a terminal of another
 * size, or one to pass on. */
void companion_signal(struct companion *child, int number, bool group);
/* Sends one to it, or to all of its group where that is its own. */
void companion_kill(const struct companion *child, int number, bool group);
/* What there is to wait for, and until when at the latest; `sources` has room for COMPANION_SOURCES. */
void companion_sources(const struct companion *child, struct pollfd *sources, int64_t *until);
/* Passes on what has come, and what was held back long enough. */
void companion_pass_on(struct companion *child, const struct pollfd *sources);
/* Passes on the rest of a child that ended, and frees. A reader who takes nothing is waited for until a signal asks
 * for an end, or, where one has, for a second. */
void companion_finish(struct companion *child, struct signals *signals, bool ending);

#endif
