/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reloads that a signal asks for: one at a time, on a worker, and one more for however many signals come meanwhile.
 * Serving thread alone.
 */
#ifndef MSTR_AGENT_RELOADING_H
#define MSTR_AGENT_RELOADING_H

#include "agent.h"

struct reloading {
    struct agent *agent;
    struct job job;
    atomic_bool busy;
    bool again;
};

/* A signal has come. */
void reloading_begin(struct reloading *reloading);
/* To be called whenever the serving thread was woken up, as it is behind each reload. */
void reloading_go_on(struct reloading *reloading);

#endif
