/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The checks of a store's conformance run: what mstr/store.h promises, tried by two workers on a store that is there,
 * in a group of its own, of which nothing stays for longer than a minute. In one thread, but for those that it
 * starts.
 */
#ifndef MSTR_TOOLS_STORE_CHECKS_H
#define MSTR_TOOLS_STORE_CHECKS_H

#include "tools/store_calls.h"

void store_checks_run(struct store_run *run);

#endif
