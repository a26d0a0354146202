/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What keeps a fleet from being used, so far as its section alone tells: what it lacks, its keys, its store's module
 * and what that takes. Nothing is resolved and no network used.
 */
#ifndef MSTR_CONTEXT_FLEET_CHECK_H
#define MSTR_CONTEXT_FLEET_CHECK_H

#include "context/faults.h"

/* One [fleet] or [fleet NAME]. */
void fleet_check(struct faults *faults, const char *section);

#endif
