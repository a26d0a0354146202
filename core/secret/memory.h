/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory for secrets: an arena of the library's own (never OpenSSL's secure heap, which belongs to the host program)
 * in pages that are locked where RLIMIT_MEMLOCK allows, left out of core dumps, and wiped on free. Thread-safe.
 * Memory stays usable when it cannot be locked; secure_locked() tells.
 */
#ifndef MSTR_SECRET_MEMORY_H
#define MSTR_SECRET_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed; NULL when there is none. `length` 0 gives a unique pointer. */
void *secure_alloc(size_t length);
/* Wipes the whole allocation and frees it; NULL is accepted. */
void secure_free(void *memory);
/* False once some page could not be locked. */
bool secure_locked(void);

#endif
