/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values that somebody will ask for, fetched before he does.
 */
#ifndef MSTR_AGENT_PREFETCH_H
#define MSTR_AGENT_PREFETCH_H

#include "agent.h"

/* A job, whose data is the agent: fetches what its present configuration lists. A failure is no more than a warning:
 * whoever asks later has it tried again. */
void prefetch_run(void *data);

#endif
