/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options in a section of the configuration against the table of the plugin or store that they are for, so far as
 * they are known before references are resolved.
 */
#ifndef MSTR_CONTEXT_OPTION_CHECK_H
#define MSTR_CONTEXT_OPTION_CHECK_H

#include "context/faults.h"

#include <mstr/provider.h>

struct option_table {
    const struct mstr_option *table;
    size_t stride;
    bool (*keeps_key)(const char *key); /* of the host itself */
};

/* Tells what is wrong. False where something is, or the values cannot be known yet. */
bool options_are_known(struct faults *faults, const char *section, const struct option_table *options);

#endif
