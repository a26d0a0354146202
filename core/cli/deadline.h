/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The time that --timeout leaves to a run, whatever it spends it on: one deadline for all its calls.
 */
#ifndef MSTR_CLI_DEADLINE_H
#define MSTR_CLI_DEADLINE_H

#include "tool.h"

/* ms, on a clock that never jumps. */
int64_t deadline_clock(void);
/* From now on the run has so many ms. */
void deadline_set(struct tool *tool, int64_t timeout);
/* ms that are left, at least 1, since 0 would stand for the library's default; 0 where there is no deadline. */
int64_t deadline_left(const struct tool *tool);
/* Waits until a descriptor is ready for `events` of poll(), as long as the run lasts; where it is over, or was
 * interrupted, looks once more. 0, ETIMEDOUT or ECANCELED; what else is wrong with the descriptor, its use tells. */
int deadline_await(const struct tool *tool, int descriptor, short events);
/* Sleeps; cut short as that is. */
int deadline_pause(const struct tool *tool, int64_t milliseconds);
/* Whether somebody asked the run to end. */
bool deadline_interrupted(const struct tool *tool);

#endif
