/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values from the providers of this process: each provider is asked once for all that it has to give, several
 * providers side by side.
 */
#ifndef MSTR_RESOLVE_FETCH_LOCAL_H
#define MSTR_RESOLVE_FETCH_LOCAL_H

#include "plugin/registry.h"
#include "resolve/fetch.h"

struct fetch_local {
    struct fetch fetch; /* first */
    struct registry *registry;
};

/* Owns nothing, so that nothing is to be freed. */
void fetch_local_init(struct fetch_local *local, struct registry *registry);

#endif
