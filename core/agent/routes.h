/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which path is answered by whom, and what is asked of everybody before: the token over TCP, the agent's own user for
 * what governs it. One more route is one more line of the table in routes.c.
 */
#ifndef MSTR_AGENT_ROUTES_H
#define MSTR_AGENT_ROUTES_H

#include "agent.h"
#include "server.h"

struct route {
    const char *method; /* GET answers HEAD, too; NULL = any */
    const char *path;   /* one that ends with "/" stands for all below it */
    bool governs;       /* for the agent's own user and root alone, never over TCP */
    int64_t body;       /* octets of it at most */
    /* The whole request is there: true where the reply is filled in, false where it takes time. Serving thread. */
    bool (*answer)(struct agent *agent, struct request *request);
    /* It takes time: leads to request->answer(). NULL where `answer` is never false. Serving thread. */
    void (*dispatch)(struct agent *agent, struct request *request);
    /* Releases request->own; NULL = nothing is to be. */
    void (*release)(struct request *request);
    /* By its head alone: false where the reply is filled in. NULL = over TCP the agent's token is needed. */
    bool (*admit)(struct agent *agent, struct request *request);
    /* Its client has gone, or its deadline has passed. NULL = it ends by itself. */
    void (*give_up)(struct agent *agent, struct request *request);
    bool streams; /* bodies of any length pass through; what can be replayed is held before it is answered */
};

extern const struct route route_resolve;                         /* resolve.c */
extern const struct route route_secret;                          /* secret.c */
extern const struct route route_invalidate;                      /* invalidate.c */
extern const struct route route_status, route_metrics;           /* status.c */
extern const struct route route_session;                         /* proxy.c */
extern const struct route route_flush, route_reload, route_stop; /* govern.c */

/* The route of a target; else NULL with 404, or 405 and `allow` told. Pure. */
const struct route *routes_find(const char *method, const char *target, int *status, const char **allow);
/* Whether a request over TCP has the agent's token; else the reply is filled in. */
bool routes_admit(struct agent *agent, struct request *request);
/* For server_new(); `data` is the agent. */
extern const struct server_hooks routes_hooks;

#endif
