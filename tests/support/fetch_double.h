/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fetch that answers from a table and writes down what it is asked, for tests of what stands on resolve/fetch.h.
 */
#ifndef MSTR_TESTS_SUPPORT_FETCH_DOUBLE_H
#define MSTR_TESTS_SUPPORT_FETCH_DOUBLE_H

#include "base/buffer.h"
#include "resolve/fetch.h"

struct fetch_answer {
    const char *reference; /* without field */
    const char *value;     /* NULL = fails */
    bool fleeting;         /* the value must not be kept */
    enum mstr_code code;   /* of a failure; its message is "the store says no" */
    const char *provider;  /* whom a failure tells; NULL = nobody */
};

struct fetch_double {
    struct fetch fetch;                 /* first */
    const struct fetch_answer *answers; /* ended by a NULL reference; what is not among them is not found */
    bool in_threads;                    /* each outcome is told by a thread of its own */
    mstr_cancel *cancels;               /* set while the values are on their way; NULL = nothing */
    struct buffer record;               /* "fetch REFERENCE REFERENCE\n", or "refresh …", for each order */
};

/* `answers` is borrowed. */
void fetch_double_init(struct fetch_double *fetch, const struct fetch_answer *answers);
void fetch_double_release(struct fetch_double *fetch);

#endif
