/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signals as something to wait for beside descriptors, for commands that stay while others work: those that somebody
 * sends to a program, and what becomes of children.
 */
#ifndef MSTR_CLI_SIGNALS_H
#define MSTR_CLI_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

struct signals {
    int descriptor;  /* readable when one has come */
    sigset_t before; /* what was blocked, as a child is to have it */
};

/* From now on signals are read, but for those that are ignored. Call it before there is a second thread. False with
 * errno set. */
bool signals_open(struct signals *signals);
/* The next one that came, and whether it was meant for the whole group, as a terminal does it; 0 = none is left. */
int signals_next(struct signals *signals, bool *group);
/* Whether who sends it wants an end. */
bool signals_is_end(int number);
/* In a child before it becomes a program: as it was before signals_open(). */
void signals_restore(const struct signals *signals);
void signals_close(struct signals *signals);
/* The number of TERM, SIGTERM or 15; 0 if it is none that can be sent. */
int signals_number(const char *name);

#endif
