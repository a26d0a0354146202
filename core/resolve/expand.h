/*
 * Values of templates: all references of all templates in one batch, then the alternatives of those that were not
 * found or are not available here, until each is decided.
 */
#ifndef MSTR_RESOLVE_EXPAND_H
#define MSTR_RESOLVE_EXPAND_H

#include "base/limits.h"
#include "reference/template.h"

#include <mstr/context.h>
#include <stdbool.h>

struct expansion {
    const struct template *template; /* NULL = leave alone */
    mstr_secret *value;              /* out; to be released by the caller */
    enum mstr_code code;             /* out */
    mstr_error *error;               /* in; may be NULL */
    bool from_cache;                 /* out: a part of it was not fetched just now */
};

void expand_run(mstr_context *context, struct expansion *expansions, size_t count, bool refresh,
                const struct limits *limits);

#endif
