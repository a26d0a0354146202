/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request of a client on its way to the server and its answer back, in the session that all share. It has copies
 * of all that it needs: the client may be gone before the server answers. Belongs to the serving thread and to a
 * worker, and ends with the last of them.
 */
#ifndef MSTR_AGENT_FORWARD_H
#define MSTR_AGENT_FORWARD_H

#include "agent.h"
#include "proxy_path.h"

struct forward;

/* Takes over the path, and the body of the request, which gets its flow. `timeout` in ms. NULL without memory. */
struct forward *forward_new(struct agent *agent, struct request *request, struct proxy_path *path, int64_t timeout);
/* Hands it to a worker; where none can be had, the flow tells so. */
void forward_start(struct forward *forward);
/* Its client has gone, or its time is over: it ends, and its flow tells the latter. */
void forward_give_up(struct forward *forward);
/* The serving thread's ownership. NULL is accepted. */
void forward_release(struct forward *forward);

#endif
