/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps the agent's memory out of swap and core dumps.
 */
#ifndef MSTR_AGENT_MEMORY_H
#define MSTR_AGENT_MEMORY_H

#include <stdbool.h>

/* No dump, and nobody else's debugger, from now on; true if all memory, also what comes later, is locked. Only where
 * there is no limit to it: one that is reached later would fail allocations. */
bool memory_protect(void);

#endif
