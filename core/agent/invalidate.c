/* SPDX-License-Identifier: Apache-2.0 */
/*
 * POST /v1/invalidate: values that are known to be old. Of references, new ones are fetched, and the old ones serve
 * until they are there; what patterns match is forgotten, which is for the agent's own user alone.
 */
#include "order.h"
#include "resolving.h"
#include "routes.h"

enum { BODY_MAX = 1024 * 1024 };

static void compose(const struct resolving *resolving, struct request *request)
{
    struct buffer *out = &request->reply.body;
    reply_json(&request->reply, 200);
    buffer_puts(out, "{\"results\":[");
    for (size_t i = 0; i < resolving_count(resolving); i++) {
        struct resolved resolved = resolving_at(resolving, i);
        buffer_puts(out, i > 0 ? "," : "");
        if (resolved.secret != NULL) {
            buffer_puts(out, "{}");
        } else {
            buffer_puts(out, "{\"error\":");
            reply_put_error(out, resolved.error);
            buffer_putc(out, '}');
        }
    }
    buffer_puts(out, "]}\n");
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
    good = good && forget(request, &order);
    if (good && (resolving = resolving_new(agent, request, order.reference_count, compose)) == NULL) {
        reply_busy(&request->reply, 503, 1, "out of memory");
        good = false;
    }
    for (size_t i = 0; good && i < order.reference_count; i++) {
        resolving_add(resolving, order_reference(&order, i), true);
    }
    order_release(&order);
    return !good || resolving_settle(resolving);
}

const struct route route_invalidate = {
    "POST", "/v1/invalidate", false, BODY_MAX, answer, resolving_dispatch, resolving_release};
