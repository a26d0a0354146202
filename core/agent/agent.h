/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all routes work with. Made by life.c; everything in it is thread-safe or set before the first request.
 */
#ifndef MSTR_AGENT_AGENT_H
#define MSTR_AGENT_AGENT_H

#include "client_tokens.h"
#include "contexts.h"
#include "metrics.h"
#include "quota.h"
#include "recent.h"
#include "request.h"
#include "sessions.h"
#include "token.h"
#include "workers.h"

#include <stdatomic.h>

struct agent {
    struct contexts *contexts;
    struct quota *quota;
    struct workers *workers;
    struct recent *recent;
    struct metrics *metrics;
    struct workers *senders; /* who speak with the server, for a profile each */
    struct sessions *sessions;
    struct client_tokens *client_tokens;
    struct token token;  /* of the TCP listener; serving thread only */
    mstr_cancel *cancel; /* ends whatever still waits for a store at the end */
    bool locked;         /* no value can reach a swap */
    int64_t began;       /* ms since 1970, when the environment was read, too */
    int64_t started;     /* the same on the clock that never jumps */
    char key[64 + 1];    /* of fingerprints, in hexadecimal; new at each start */
    atomic_bool draining;
    atomic_bool stale; /* the configuration that was read last was of no use */
    atomic_llong used; /* clock_monotonic() ms of the last request */
    int wakes;         /* an eventfd(2) that wakes the serving thread up */
    atomic_bool stop;  /* somebody wants it to end */
};

/* Tells on standard error what is worth telling; printf style, one line. */
void agent_log(enum mstr_level level, const char *format, ...) MSTR_PRINTF(2, 3);
/* How much of it; MSTR_LEVEL_WARN to begin with. */
void agent_log_level(enum mstr_level level);
/* The context's. */
void agent_log_line(enum mstr_level level, const char *scope, const char *message, void *data);
/* Has the serving thread look at what is new. */
void agent_wake(struct agent *agent);
/* Reads the configuration anew, as contexts_reload(), and remembers whether it was of use. sessions_sweep() ends what
 * that has replaced. */
enum mstr_code agent_reload(struct agent *agent, mstr_error *error);

#endif
