/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The context that answers at present, with its settings, and its exchange for another one at a reload: requests that
 * began with the old one end with it, and what did not change keeps its cached values. Thread-safe.
 */
#ifndef MSTR_AGENT_CONTEXTS_H
#define MSTR_AGENT_CONTEXTS_H

#include "settings.h"

#include <stdatomic.h>

/* What belongs together; immutable but for its end. */
struct generation {
    mstr_context *context;
    struct settings settings;
    atomic_bool replaced; /* there is a newer one: nothing that is begun in it outlives its use */
    unsigned holders;     /* contexts.c alone counts them */
};

struct contexts;

/* Makes the first one. `given` and what it points to live as long as this does. */
enum mstr_code contexts_new(const mstr_context_options *options, const struct given *given, struct contexts **out,
                            mstr_error *error);
/* The present one, to be let go again. */
struct generation *contexts_hold(struct contexts *contexts);
/* One that is held already, once more. */
struct generation *contexts_hold_too(struct contexts *contexts, struct generation *generation);
/* NULL is accepted. */
void contexts_let_go(struct contexts *contexts, struct generation *generation);
/* Reads the configuration anew; on failure all stays as it is. Else *old is to be retired. */
enum mstr_code contexts_reload(struct contexts *contexts, struct generation **old, mstr_error *error);
/* Waits until nobody holds it any more, and frees it. */
void contexts_retire(struct contexts *contexts, struct generation *old);
/* Nobody may hold one. NULL is accepted. */
void contexts_free(struct contexts *contexts);

#endif
