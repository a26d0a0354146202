/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the conformance runs of all kinds of plugins have in common: a line for each check, what an option table must
 * be like, and what of the process a plugin has to leave alone. Checks are told by one thread.
 */
#ifndef MSTR_TOOLS_CONFORMANCE_H
#define MSTR_TOOLS_CONFORMANCE_H

#include <mstr/provider.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

enum { CONFORMANCE_PROMPT_MS = 1000 }; /* what must come back at once may take so long on a busy machine */

/* Writes "ok - WHAT" or "FAILED - WHAT: WHY" on standard output, and counts the latter. */
void conformance_tell(int *failures, bool passed, const char *what, const char *why);

/* The first fault of a table whose entries are `stride` octets long, or NULL. `taken` are names that the host has for
 * itself, ended by NULL. */
const char *conformance_option_fault(const struct mstr_option *table, size_t stride, const char *const *taken);

/* What belongs to the program and must be as it was after any call. */
struct conformance_state {
    char directory[4096];
    char locale[256];
    mode_t mask;
    sigset_t signals;
};
void conformance_take_state(struct conformance_state *state);
bool conformance_same_state(const struct conformance_state *one, const struct conformance_state *other);

/* Makes, uses and destroys something again and again. False where each cycle leaves something behind. */
bool conformance_cycles(void (*cycle)(void *data), void *data);

/* ms that never jump. */
int64_t conformance_clock(void);

#endif
