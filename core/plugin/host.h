/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The services that plugins get: the table of mstr/provider.h over the library's own floors, and what stands behind
 * the instance that a plugin hands back.
 */
#ifndef MSTR_PLUGIN_HOST_H
#define MSTR_PLUGIN_HOST_H

#include "plugin/call.h"
#include "plugin/options.h"

/* Values larger than this are refused as nonsense. */
#define VALUE_MAX ((size_t)16 * 1024 * 1024)

/* Octets of mstr_meta::identity. */
#define IDENTITY_MAX ((size_t)64)
/* The longest mstr_meta::null_hint; a longer one is passed over. */
#define NULL_HINT_MAX ((size_t)512)

struct host_instance {
    struct mstr_instance public; /* first: plugins hand back its address */
    const struct services *services;
    struct options *options; /* NULL until they were checked */
};

extern const struct mstr_host host_table;

#endif
