/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a server asks of whoever knows what requests mean (routes.c).
 */
#ifndef MSTR_AGENT_HOOKS_H
#define MSTR_AGENT_HOOKS_H

#include "request.h"

/* What is done with connections and requests, on the serving thread. */
struct server_hooks {
    void *data;
    /* A connection: false where it is refused, with `reply` filled in; of it, nothing is read. */
    bool (*connect)(void *data, int fd, const struct peer *peer, struct reply *reply);
    /* One that was accepted has ended. */
    void (*disconnect)(void *data, const struct peer *peer);
    /* A head, which is a good one: the octets of body that are taken, or -1 where the reply is filled in. A request
     * that streams takes any number; so many are held before `finish`. */
    int64_t (*begin)(void *data, struct request *request);
    /* The whole request: true where the reply is filled in, false where it takes time. */
    bool (*finish)(void *data, struct request *request);
    /* After `finish` was false: hands it to whoever calls request->answer(). One that streams gets its flow, or the
     * reply is filled in. */
    void (*dispatch)(void *data, struct request *request);
    /* Its client has gone while it is with somebody, or its deadline has passed. Once. */
    void (*give_up)(void *data, struct request *request);
    /* It has ended, whether or not its reply was read; releases what the hooks put into it. */
    void (*end)(void *data, struct request *request);
};

#endif
