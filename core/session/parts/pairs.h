/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names with values that a session keeps: headers and query parameters of every request. Values count as secret. Not
 * thread-safe: the session locks.
 */
#ifndef MSTR_SESSION_PARTS_PAIRS_H
#define MSTR_SESSION_PARTS_PAIRS_H

#include <mstr/provider.h>
#include <stdbool.h>

enum { PAIRS_MAX = 50 };

struct pairs {
    struct mstr_header items[PAIRS_MAX]; /* texts of their own */
    size_t count;
};

/* Puts a pair in place of one of that name, compared without regard to case where `nocase`; value NULL takes it away.
 * False without memory or when there are too many. */
bool pairs_set(struct pairs *pairs, const char *name, const char *value, bool nocase);
/* One more pair, also of a name that is there already; false without memory or when there are too many. */
bool pairs_add(struct pairs *pairs, const char *name, const char *value);
/* A copy into empty pairs; false without memory. */
bool pairs_copy(const struct pairs *from, struct pairs *to);
/* Wipes and forgets all. */
void pairs_release(struct pairs *pairs);

#endif
