/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Structures that a program hands over: begun with their initialiser, and without flags that this version does not
 * know. Each public function asks here first, so that all refuse alike.
 */
#ifndef MSTR_BASE_GIVEN_H
#define MSTR_BASE_GIVEN_H

#include "base/error.h"

#include <mstr/context.h>

/* MSTR_E_USAGE, naming `what` ("the request"), for a structure below the size that every version has had, or with
 * flags beside `known`. */
enum mstr_code given_check(const char *what, bool initialised, uint32_t flags, uint32_t known, mstr_error *error);
/* A number of such a structure, by its member's name, and within which bounds it has a meaning. */
struct given_number {
    const char *name;
    int64_t value;
    int64_t least;
    int64_t most; /* INT64_MAX = none */
};
/* A member that must not be negative, where the structure has it at all. */
#define GIVEN_COUNT(structure, type, member)                                                                         \
    {                                                                                                                \
#member, MSTR_HAS(structure, type, member) ? (int64_t)(structure)->member : 0, 0, INT64_MAX                  \
    }
/* MSTR_E_USAGE, naming `what` and the member, for a number out of its bounds. */
enum mstr_code given_numbers(const char *what, const struct given_number *numbers, size_t count, mstr_error *error);
/* given_check() for options of a call, and their number; NULL is good. */
enum mstr_code given_call(const mstr_call_options *options, mstr_error *error);

#endif
