/* SPDX-License-Identifier: Apache-2.0 */
/* GET /v1/status and GET /metrics: how the agent is, without asking anybody. */
#include "base/clock.h"
#include "base/json.h"
#include "base/timestamp.h"
#include "routes.h"

#include <inttypes.h>
#include <unistd.h>

enum { PROTOCOL = 1 };

struct listing {
    struct buffer *out;
    struct metrics *metrics;
    size_t count;
};

static void put_instance(const char *scheme, bool live, void *data)
{
    struct listing *listing = data;
    buffer_puts(listing->out, listing->count++ > 0 ? "," : "");
    json_put_string(listing->out, scheme, strlen(scheme));
    buffer_printf(listing->out, ":{\"state\":\"%s\"}",
                  metrics_is_failing(listing->metrics, scheme) ? "failing"
                  : live                                       ? "ready"
                                                               : "unused");
}

static const char *truth(bool value)
{
    return value ? "true" : "false";
}

static bool answer_status(struct agent *agent, struct request *request)
{
    struct buffer *out = &request->reply.body;
    struct listing listing = {out, agent->metrics, 0};
    char began[21];
    timestamp_format_rfc3339(agent->began, began);
    reply_json(&request->reply, 200);
    buffer_printf(out, "{\"protocol\":%d,\"build\":\"%s\",\"pid\":%d,\"uid\":%u", PROTOCOL, mstr_version(),
                  (int)getpid(), (unsigned)geteuid());
    buffer_printf(out, ",\"draining\":%s,\"config_stale\":%s,\"locked\":%s", truth(agent->draining),
                  truth(agent->stale), truth(agent->locked));
    json_put_member(out, "environment_since", began);
    json_put_member(out, "key", agent->key);
    buffer_puts(out, ",\"instances\":{");
    context_agent_instances(request->generation->context, put_instance, &listing);
    buffer_puts(out, "}}\n");
    return true;
}

static bool answer_metrics(struct agent *agent, struct request *request)
{
    mstr_context_stats stats = {.size = sizeof(stats)};
    mstr_context_get_stats(request->generation->context, &stats);
    const struct gauges gauges = {quota_connections(agent->quota), stats.entries,
                                  (clock_monotonic() - agent->started) / 1000};
    request->reply.status = 200;
    request->reply.type = "text/plain; version=0.0.4";
    metrics_write(agent->metrics, &gauges, &request->reply.body);
    return true;
}

const struct route route_status = {.method = "GET", .path = "/v1/status", .answer = answer_status};
const struct route route_metrics = {.method = "GET", .path = "/metrics", .answer = answer_metrics};
