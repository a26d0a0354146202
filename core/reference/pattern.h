/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns of references, as "allow" of [agent] and "share_secrets" of [fleet] have them. A pattern is a reference in
 * which "*" stands for anything but "/", and "**" for anything; it names one scheme, or several by a "*" of its own.
 * A query key that the pattern lacks is matched by none. Immutable once made; thread-safe.
 */
#ifndef MSTR_REFERENCE_PATTERN_H
#define MSTR_REFERENCE_PATTERN_H

#include "base/buffer.h"

#include <mstr/provider.h>
#include <stdbool.h>
#include <stddef.h>

struct patterns;

/* What is held against them; all texts are the caller's. */
struct pattern_subject {
    const char *scheme;
    const char *body; /* in its one form, see canonical.h */
    const struct mstr_query *query;
    size_t query_count;
    bool local;  /* its values never leave the process that asks */
    bool dotted; /* it was written with "." or ".." */
};

/* A list separated by blanks. NULL without memory, or with `problem` told for what is no pattern. */
struct patterns *patterns_new(const char *list, struct buffer *problem);
/* The same of one, which may have blanks in it. */
struct patterns *patterns_of_one(const char *pattern, struct buffer *problem);
/* NULL is accepted. */
void patterns_free(struct patterns *patterns);
/* `outright` is for what lets something through: what is local needs its scheme in full, and what is dotted is
 * matched by none. */
bool patterns_match(const struct patterns *patterns, const struct pattern_subject *subject, bool outright);

#endif
