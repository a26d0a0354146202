/* SPDX-License-Identifier: Apache-2.0 */
/* Which path is answered by whom, and what is asked of everybody before. */
#include "routes.h"

#include "base/clock.h"
#include "base/text.h"

static const struct route *const routes[] = {&route_resolve, &route_secret,  &route_invalidate,
                                             &route_status,  &route_metrics, &route_flush,
                                             &route_reload,  &route_stop,    &route_session};

static bool is_path(const struct route *route, const char *target)
{
    size_t length = strlen(route->path);
    bool below = route->path[length - 1] == '/';
    return strncmp(target, route->path, length) == 0 && (below || target[length] == '\0' || target[length] == '?');
}

static bool is_method(const struct route *route, const char *method)
{
    return route->method == NULL || strcmp(route->method, method) == 0 ||
           (strcmp(route->method, "GET") == 0 && strcmp(method, "HEAD") == 0);
}

const struct route *routes_find(const char *method, const char *target, int *status, const char **allow)
{
    *status = 404;
    for (size_t i = 0; i < sizeof(routes) / sizeof(*routes); i++) {
        if (is_path(routes[i], target) && is_method(routes[i], method)) {
            return routes[i];
        }
        if (is_path(routes[i], target)) {
            *status = 405;
            *allow = strcmp(routes[i]->method, "GET") == 0 ? "GET, HEAD" : routes[i]->method;
        }
    }
    return NULL;
}

bool routes_admit(struct agent *agent, struct request *request)
{
    const char *authorization = request_header(request, "Authorization");
    const char *given = request_header(request, "X-Mstr-Token");
    if (given == NULL && authorization != NULL && text_equal_nocase_length(authorization, "Bearer ", 7)) {
        given = authorization + 7;
    }
    switch (token_check(&agent->token, given, clock_monotonic())) {
    case TOKEN_GOOD:
        return true;
    case TOKEN_WRONG:
        reply_problem(&request->reply, 401, "authentication", "over TCP each request needs the agent's token");
        reply_header(&request->reply, "WWW-Authenticate", "Bearer");
        return false;
    case TOKEN_TOO_MANY:
        reply_busy(&request->reply, 429, 1, "too many wrong tokens");
        return false;
    }
    return false;
}

static bool connect_peer(void *data, int fd, const struct peer *peer, struct reply *reply)
{
    struct agent *agent = data;
    struct generation *generation = contexts_hold(agent->contexts);
    const char *why = peer_check(fd, peer, &generation->settings.rules);
    if (why != NULL) {
        agent_log(MSTR_LEVEL_WARN, "a connection of user %u, process %d, was refused: %s", peer->uid, peer->pid, why);
        reply_problem(reply, 403, "denied", "this agent does not answer you: %s", why);
    } else if (!quota_connect(agent->quota, peer, &generation->settings.quota)) {
        reply_busy(reply, 503, 1, "too many connections are open");
    }
    contexts_let_go(agent->contexts, generation);
    return reply->status == 0;
}

static void disconnect_peer(void *data, const struct peer *peer)
{
    struct agent *agent = data;
    quota_disconnect(agent->quota, peer);
}

static int64_t begin(void *data, struct request *request)
{
    struct agent *agent = data;
    int status = 0;
    const char *allow = NULL;
    agent->used = request->began;
    request->generation = contexts_hold(agent->contexts);
    const struct route *route = routes_find(request->method, request->target, &status, &allow);
    bool admitted = route != NULL && route->admit != NULL ? route->admit(agent, request)
                                                          : !request->peer.tcp || routes_admit(agent, request);
    if (!admitted) { /* nor told what there is */
        request->route = route;
        return -1;
    }
    if (route == NULL) {
        reply_problem(&request->reply, status, "request",
                      status == 404 ? "there is nothing of this name" : "this method has no meaning here");
        if (allow != NULL) {
            reply_header(&request->reply, "Allow", allow);
        }
        return -1;
    }
    if (route->governs && !peer_governs(&request->peer, request->generation->settings.rules.own)) {
        reply_problem(&request->reply, 403, "denied", "this is for the agent's own user alone, and never over TCP");
        return -1;
    }
    request->route = route;
    request->streams = route->streams;
    return route->streams ? (int64_t)request->generation->settings.replay_octets : route->body;
}

static bool finish(void *data, struct request *request)
{
    return request->route->answer(data, request);
}

static void dispatch(void *data, struct request *request)
{
    request->route->dispatch(data, request);
}

static void give_up(void *data, struct request *request)
{
    if (request->route->give_up != NULL) {
        request->route->give_up(data, request);
    }
}

/* The query may name what nobody should read. */
static void end(void *data, struct request *request)
{
    struct agent *agent = data;
    if (request->reply.status != 0) {
        metrics_count_request(agent->metrics, request->reply.status);
    }
    if (request->target != NULL) {
        agent_log(MSTR_LEVEL_DEBUG, "%s %.*s of user %d: %d", request->method, (int)strcspn(request->target, "?"),
                  request->target, (int)request->peer.uid, request->reply.status);
    }
    if (request->route != NULL && request->route->release != NULL) {
        request->route->release(request);
    }
    contexts_let_go(agent->contexts, request->generation);
}

const struct server_hooks routes_hooks = {NULL, connect_peer, disconnect_peer, begin, finish, dispatch, give_up, end};
