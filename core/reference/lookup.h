/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One reference to be resolved, and what came of it: what those who want values hand to those who have them.
 */
#ifndef MSTR_REFERENCE_LOOKUP_H
#define MSTR_REFERENCE_LOOKUP_H

#include "reference/reference.h"

#include <mstr/secret.h>

struct lookup {
    const struct reference *reference;
    mstr_error *error;   /* where to tell a failure; NULL = nowhere */
    mstr_secret *secret; /* out: the field or the whole; to be released by the caller */
    enum mstr_code code; /* out */
    int64_t fresh_until; /* out: how long a cache holds it for fresh, clock_monotonic() ms; 0 = not at all */
};

/* Fills in all of them. */
typedef void (*lookup_fn)(void *data, struct lookup *lookups, size_t count);

#endif
