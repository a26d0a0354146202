/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who has the values that the cache lacks: the providers of this process (fetch_local.h), or somebody who is asked in
 * their place. An interface: a fetch is a structure that begins with this one.
 */
#ifndef MSTR_RESOLVE_FETCH_H
#define MSTR_RESOLVE_FETCH_H

#include "base/error.h"
#include "base/limits.h"
#include "reference/reference.h"

/* What a fetch gave for one reference; all of it is borrowed for the call. The secret tells by secret_identity() as
 * whom the provider read it: who fetches for several users hands it on, and keeps it, for that identity alone. */
struct fetched {
    mstr_secret *secret; /* whole, whatever the reference's field; NULL for a failure */
    bool keep;           /* false: the store or provider forbids keeping it */
    enum mstr_code code;
    const mstr_error *error; /* of a failure */
    int64_t fresh_for;       /* ms for which a cache may hold it for fresh at most; 0 = as long as it likes */
    bool fresh_only;         /* it never serves once it is not fresh */
};

/* Tells the outcome of the reference at `index`. */
typedef void (*fetched_fn)(void *data, size_t index, const struct fetched *fetched);

/* What is to be fetched, and for whom. */
struct fetch_order {
    const struct reference **references;
    size_t count;
    bool refresh; /* caches on the way are to be passed over, too */
    const struct limits *limits;
    fetched_fn each;
    void *data;
};

struct fetch {
    /* Tells the outcome of every reference exactly once, as soon as it is known and from any thread, before it
     * returns. Thread-safe. */
    void (*run)(struct fetch *fetch, const struct fetch_order *order);
};

#endif
