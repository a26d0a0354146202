/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of templates: all references of all templates in one batch, then the alternatives of those that were not
 * found or are not available here, until each is decided. For whoever has a way to look references up.
 */
#ifndef MSTR_REFERENCE_EVALUATION_H
#define MSTR_REFERENCE_EVALUATION_H

#include "reference/lookup.h"
#include "reference/template.h"

struct evaluation {
    const struct template *template; /* NULL = leave alone */
    mstr_secret *value;              /* out; to be released by the caller */
    enum mstr_code code;             /* out */
    mstr_error *error;               /* in; may be NULL */
    bool from_cache;                 /* out: a part of it was not fetched just now */
};

void template_evaluate(struct evaluation *evaluations, size_t count, lookup_fn lookup, void *data);

#endif
