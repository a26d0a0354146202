/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An allocator that fails when it is told to, in the place of the C library's: linked into a test program it serves
 * all libraries of the process, curl, json-c and OpenSSL among them. Mappings fail with it, out of which secret
 * memory comes. Loaded before a program by LD_PRELOAD (the module mstr_failing_allocator) it obeys the environment:
 * MSTR_ALLOCATOR_FAIL=N or N+ and MSTR_ALLOCATOR_REPORT, a descriptor that gets one octet when an allocation fails.
 */
#ifndef MSTR_TESTS_SUPPORT_ALLOCATOR_H
#define MSTR_TESTS_SUPPORT_ALLOCATOR_H

#include <stdbool.h>

/* The allocation after `at` - 1 others fails, on whichever thread; with `for_good` so do all that follow. */
void allocator_fail(long at, bool for_good);
/* None fails any more; true if one did. */
bool allocator_succeed(void);
/* Blocks and mappings that are allocated; 0 where a sanitizer keeps account, which also hands out blocks of its
 * own. */
long allocator_held(void);

#endif
