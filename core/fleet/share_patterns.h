/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which references a fleet shares the values of: patterns such as "store:prod-*" or "store:prod/db?key=*", globs
 * (base/glob.h) over a body and its query. A scheme is named outright; a path with "." or ".." in it is matched by
 * none. Immutable once made; thread-safe.
 */
#ifndef MSTR_FLEET_SHARE_PATTERNS_H
#define MSTR_FLEET_SHARE_PATTERNS_H

#include "base/error.h"

#include <mstr/provider.h>
#include <stdbool.h>

struct share_patterns;

/* A list separated by blanks. MSTR_E_CONFIG for what is no pattern; MSTR_E_MEMORY. */
enum mstr_code share_patterns_new(const char *list, struct share_patterns **out, mstr_error *error);
/* NULL is accepted. */
void share_patterns_free(struct share_patterns *patterns);
bool share_patterns_match(const struct share_patterns *patterns, const struct mstr_reference *reference);

#endif
