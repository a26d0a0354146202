/* SPDX-License-Identifier: Apache-2.0 */
/*
 * POST /v1/invalidate: values that are known to be old. Of references, new ones are fetched, and the old ones serve
 * until they are there; what patterns match is forgotten, which is for the agent's own user alone.
 */
#include "order.h"
#include "resolving.h"
#include "routes.h"

enum { BODY_MAX = 1024 * 1024 };

/* That it is there is all that is told of a value. */
static void put_success(struct buffer *out, const struct resolved *resolved)
{
    (void)resolved;
    buffer_puts(out, "{}");
}

static void compose(const struct resolving *resolving, struct request *request)
{
    resolving_put_results(resolving, request, put_success);
}

static bool is_matched(const struct agent_reference *reference, void *data)
{
    return policy_allows(data, reference);
}

/* False with the reply filled in. */
static bool forget(struct request *request, const struct order *order)
{
    if (order->pattern_count > 0 && !peer_governs(&request->peer, request->generation->settings.rules.own)) {
        reply_problem(&request->reply, 403, "denied",
                      "patterns are for the agent's own user alone, and never over TCP");
        return false;
    }
    for (size_t i = 0; i < order->pattern_count; i++) {
        struct buffer problem = BUFFER_INIT;
        struct policy *policy = policy_of_pattern(order_pattern(order, i), &problem);
        if (policy == NULL) {
            reply_problem(&request->reply, 400, "usage", "%s",
                          problem.length > 0 ? buffer_text(&problem) : "out of memory");
            buffer_release(&problem);
            return false;
        }
        context_agent_forget(request->generation->context, is_matched, policy);
        policy_free(policy);
    }
    return true;
}

static bool answer(struct agent *agent, struct request *request)
{
    struct order order;
    struct resolving *resolving = NULL;
    bool good = order_read(request, request->generation->settings.references, &order);
    if (good && order.references == NULL && order.patterns == NULL) {
        reply_problem(&request->reply, 400, "usage", "both \"references\" and \"patterns\" are missing");
        good = false;
    }
    if (good && forget(request, &order)) {
        resolving = resolving_of_order(agent, request, &order, true, compose);
    }
    order_release(&order);
    return resolving == NULL || resolving_settle(resolving);
}

const struct route route_invalidate = {.method = "POST",
                                       .path = "/v1/invalidate",
                                       .body = BODY_MAX,
                                       .answer = answer,
                                       .dispatch = resolving_dispatch,
                                       .release = resolving_release,
                                       .give_up = resolving_give_up};
