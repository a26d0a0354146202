/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The context that answers at present, with its settings, and its exchange for another one at a reload: requests that
 * began with the old one end with it, and what did not change keeps its cached values. The last one to let go of what
 * was replaced ends it, so that a reload waits for nobody. Thread-safe.
 */
#ifndef MSTR_AGENT_CONTEXTS_H
#define MSTR_AGENT_CONTEXTS_H

#include "settings.h"
#include "workers.h"

/* What belongs together; immutable. */
struct generation {
    mstr_context *context;
    struct settings settings;
    unsigned number;  /* the first is 1, and each one that replaces another has the next */
    unsigned holders; /* contexts.c alone counts them, and itself as one of the present one's */
    struct job end;
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
/* Where those that nobody holds any more are freed, since that takes time; NULL = by whoever lets go, as at first. */
void contexts_end_on(struct contexts *contexts, struct workers *workers);
/* Reads the configuration anew; on failure all stays as it is. `before` hears of the new one before anybody else can
 * have it. */
enum mstr_code contexts_reload(struct contexts *contexts, void (*before)(void *data, struct generation *next),
                               void *data, mstr_error *error);
/* Nobody may hold one. NULL is accepted. */
void contexts_free(struct contexts *contexts);

#endif
