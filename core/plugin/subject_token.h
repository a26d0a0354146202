/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Subject tokens out of the program itself, for identities that others vouch for: by the callback that it set.
 */
#ifndef MSTR_PLUGIN_SUBJECT_TOKEN_H
#define MSTR_PLUGIN_SUBJECT_TOKEN_H

#include "base/error.h"
#include "base/limits.h"

#include <mstr/context.h>

/* Set before the first call, and read by many threads from then on. */
struct subject_source {
    mstr_subject_token_fn give; /* NULL = the program has none */
    void *data;
};

/* As mstr_host::subject_token. */
enum mstr_code subject_token_get(const struct subject_source *source, const char *audience, const char *type,
                                 const struct limits *limits, char *token, size_t size, mstr_error *error);

#endif
