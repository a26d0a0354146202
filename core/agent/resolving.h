/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The references that one request wants: each is read, held against the policy and looked up in the cache at once;
 * what is left is fetched by the workers, one job for each instance, and the last of them answers the request. All of
 * that within the time that its client gives it (X-Mstr-Timeout); others who wait for the same go on without it.
 */
#ifndef MSTR_AGENT_RESOLVING_H
#define MSTR_AGENT_RESOLVING_H

#include "agent.h"
#include "order.h"

struct resolving;

/* Fills in the reply once all is known. */
typedef void compose_fn(const struct resolving *resolving, struct request *request);

/* For so many references at most; becomes request->own. NULL without memory. */
struct resolving *resolving_new(struct agent *agent, struct request *request, size_t most, compose_fn *compose);
/* One more. `refresh` passes over the cache, unless that was done a moment ago. */
void resolving_add(struct resolving *resolving, const char *text, bool refresh);
/* One for all references of an order; NULL without memory, with the reply filled in. */
struct resolving *resolving_of_order(struct agent *agent, struct request *request, const struct order *order,
                                     bool refresh, compose_fn *compose);
/* True if the reply is filled in: nothing has to be fetched, or more than this user may. */
bool resolving_settle(struct resolving *resolving);
/* After that was false. */
void resolving_dispatch(struct agent *agent, struct request *request);
/* What nobody has begun to fetch is not fetched. */
void resolving_give_up(struct agent *agent, struct request *request);

/* The outcome of one, in the order of their adding. */
struct resolved {
    mstr_secret *secret; /* NULL for a failure */
    const mstr_error *error;
    int64_t fresh_for; /* ms */
};
struct resolved resolving_at(const struct resolving *resolving, size_t index);
/* Makes the reply {"results":[…]}, each failure an {"error":{…}} and each value what `put` writes. */
void resolving_put_results(const struct resolving *resolving, struct request *request,
                           void (*put)(struct buffer *out, const struct resolved *resolved));
/* Wipes and frees; NULL in request->own is accepted. */
void resolving_release(struct request *request);

#endif
