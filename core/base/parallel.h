/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many like tasks side by side: a few threads that take one after another. Stateless; part of the helpers that
 * plugins may compile in.
 */
#ifndef MSTR_BASE_PARALLEL_H
#define MSTR_BASE_PARALLEL_H

#include <stddef.h>

/* Calls `task` once for each index below `count` and returns when all have ended. At most `most` run at once, the
 * calling thread among them; where no thread can be started, it does the work alone. */
void parallel_run(size_t count, size_t most, void (*task)(void *data, size_t index), void *data);

#endif
