/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/flush, /v1/reload and /v1/stop: what the agent's own user and root alone may do. */
#include "routes.h"

#include <stdlib.h>

static bool answer_flush(struct agent *agent, struct request *request)
{
    (void)agent;
    mstr_context_invalidate(request->generation->context, NULL);
    reply_json(&request->reply, 200);
    buffer_puts(&request->reply.body, "{}\n");
    return true;
}

static bool answer_stop(struct agent *agent, struct request *request)
{
    agent->stop = true;
    agent_wake(agent);
    reply_json(&request->reply, 202);
    buffer_puts(&request->reply.body, "{}\n");
    return true;
}

struct reload {
    struct job job;
    struct agent *agent;
    struct request *request;
};

/* Answered before the sessions of old log out, which takes as long as their server does. */
static void reload(void *data)
{
    struct reload *reload = data;
    struct agent *agent = reload->agent;
    struct reply *reply = &reload->request->reply;
    mstr_error *error = mstr_error_new();
    if (agent_reload(agent, error) == MSTR_OK) {
        reply_json(reply, 200);
        buffer_puts(&reply->body, "{}\n");
    } else {
        reply_error(reply, error);
    }
    mstr_error_free(error);
    reload->request->answer(reload->request);
    sessions_sweep(agent->sessions);
    free(reload);
}

static bool answer_reload(struct agent *agent, struct request *request)
{
    struct reload *reload_job = calloc(1, sizeof(*reload_job));
    if (reload_job == NULL) {
        reply_busy(&request->reply, 503, 1, "out of memory");
        return true;
    }
    *reload_job = (struct reload){{.run = reload, .data = reload_job}, agent, request};
    request->own = reload_job;
    return false;
}

static void dispatch_reload(struct agent *agent, struct request *request)
{
    struct reload *reload_job = request->own;
    request->own = NULL;
    if (!workers_put(agent->workers, &reload_job->job)) {
        free(reload_job);
        reply_busy(&request->reply, 503, 1, "the agent can start no thread");
        request->answer(request);
    }
}

const struct route route_flush = {.method = "POST", .path = "/v1/flush", .governs = true, .answer = answer_flush};
const struct route route_reload = {
    .method = "POST", .path = "/v1/reload", .governs = true, .answer = answer_reload, .dispatch = dispatch_reload};
const struct route route_stop = {.method = "POST", .path = "/v1/stop", .governs = true, .answer = answer_stop};
