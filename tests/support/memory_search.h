/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks through the process's own memory for octets that should be gone, and at the flags of its mappings.
 */
#ifndef MSTR_TESTS_SUPPORT_MEMORY_SEARCH_H
#define MSTR_TESTS_SUPPORT_MEMORY_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

/* How often a value is found in all writable memory of the process. The value is given with every octet XORed by
 * `mask`, so that the test's own copy of it does not count. */
size_t memory_search_masked(const char *masked, size_t length, char mask);
/* The same in what a core dump would hold. */
size_t memory_search_dumped(const char *masked, size_t length, char mask);
/* True if the mapping that holds `address` has `flag` ("dd", "lo") among its VmFlags. */
bool memory_has_flag(const void *address, const char *flag);
/* Octets of all mappings that core dumps leave out and that begin behind a guard page: secret memory, as far as the
 * system knows it. */
size_t memory_guarded(void);

#endif
