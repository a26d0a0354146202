/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ordered search through a store's identities. Whoever is not here leaves the turn to the next; the first that is
 * here decides, and where it fails, the search ends with its failure: another identity is never used by accident.
 * Keys and tokens, doctor's steps and the message in the end all come from one walk along one table.
 */
#ifndef MSTR_PROVIDERS_SDK_CHAIN_H
#define MSTR_PROVIDERS_SDK_CHAIN_H

#include "base/buffer.h"

#include <mstr/provider.h>
#include <stdbool.h>
#include <stddef.h>

struct chain_search;

/* One identity. The entries of a store's table begin with it, and go on with what it takes to ask them. */
struct chain_step {
    const char *name; /* in reports and messages */
    const char *hint; /* for a failure that brings none; NULL = none */
    bool optional; /* where it fails, the turn goes to the next all the same, unless the call's own limits end it */
};

/* A store's table. */
struct chain_table {
    const char *store; /* its name in messages */
    const char *hint;  /* where no identity is here */
    const void *steps; /* as qsort() takes them: `count` of `size` octets, each beginning with a struct chain_step */
    size_t count;
    size_t size;
    /* Asks the identity of a step. MSTR_OK with what is searched for; MSTR_E_NOT_AVAILABLE, saying why, when it is
     * not here. */
    enum mstr_code (*ask)(struct chain_search *search, const void *step, struct mstr_error *error);
};

/* One walk along it. Whoever starts one sets the upper part, and leaves the lower zeroed. */
struct chain_search {
    const struct mstr_call *call;
    struct mstr_report *report; /* is told every step; NULL = none */
    const bool *omit;           /* for each step whether it is not asked; NULL = all are */
    const void *data;           /* for ask(): who searches */
    void *out;                  /* for ask(): where goes what it finds */

    bool alone;             /* a single step is asked: nobody stands behind it */
    struct buffer who;      /* where the step that is asked tells who it is */
    struct buffer attempts; /* a clause for each that left the turn to others */
    struct mstr_error *why; /* of the first among them that was here and failed; NULL = none was */
};

/* MSTR_OK by the first identity that is here. MSTR_E_NOT_AVAILABLE lists why none is. A failure that ends the search,
 * and that of one who was asked alone, names its step and the attempts before it. Where only optional ones were here,
 * it ends with the first's failure, and the list of all. MSTR_E_NOT_FOUND is none of an identity's: it becomes
 * MSTR_E_CONFIG. */
enum mstr_code chain_search(const struct chain_table *table, struct chain_search *search, struct mstr_error *error);

#endif
