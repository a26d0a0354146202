/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The checks of a store's conformance run: what mstr/store.h promises, tried by two workers on a store that is there,
 * in a group of its own, of which nothing stays for longer than a minute. In one thread, but for those that it
 * starts.
 */
#ifndef MSTR_TOOLS_STORE_CHECKS_H
#define MSTR_TOOLS_STORE_CHECKS_H

#include "plugin/store_instance.h"

struct store_run {
    struct store_instance *workers[2]; /* live, of the same options */
    char group[40];
    unsigned char *octets; /* MSTR_STORE_RECORD_MAX of them */
    mstr_error *error;
    int failures;
    bool failed;    /* the last call was not answered */
    char told[512]; /* what the last call came to, where it is not what was wanted */
};

/* Draws the group. False without resources. */
bool store_run_init(struct store_run *run);
void store_run_release(struct store_run *run);

void store_checks_run(struct store_run *run);

#endif
