/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request that passes through: its body goes up and the answer's comes down piece by piece, between the serving
 * thread, which never waits, and the worker that speaks with the server, which does. Each direction holds so many
 * octets at most; whoever is slower holds up the other. Belongs to both, and ends with the last of them.
 */
#ifndef MSTR_AGENT_FLOW_H
#define MSTR_AGENT_FLOW_H

#include "request.h"

enum { FLOW_OCTETS = 64 * 1024 };

struct flow;

/* One of a request, for two owners; until `deadline` (ms, monotonic) the worker waits. What came of the request's
 * body already is taken over. The request is paused and goes on (request.h) as the serving thread has something to
 * do. NULL without memory. */
struct flow *flow_new(struct request *request, int64_t deadline);
/* By each owner. */
void flow_release(struct flow *flow);

/* --- the serving thread, which is paused wherever it gets nothing ----------------------------------------------- */

/* Takes octets of the body: how many of them. All, where the worker wants no more. */
size_t flow_push(struct flow *flow, const char *octets, size_t length);
/* The body has ended. */
void flow_push_end(struct flow *flow);
/* Moves the reply out, once it is known; false before. */
bool flow_reply(struct flow *flow, struct reply *reply);
/* Octets of the answer's body; 0 where there are none yet, FLOW_END behind the last, FLOW_BROKEN where the server
 * broke off. */
enum { FLOW_END = -1, FLOW_BROKEN = -2 };
int64_t flow_pull(struct flow *flow, char *into, size_t capacity);
/* The client has gone: the worker gets and gives nothing any more. */
void flow_leave(struct flow *flow);

/* --- the worker ------------------------------------------------------------------------------------------------- */

/* The worker waits until then, in place of what flow_new() was told. */
void flow_end_by(struct flow *flow, int64_t deadline);
/* Octets of the body, 0 at its end, -1 if there will be no more: the client has gone, or the deadline has passed. */
int64_t flow_read(struct flow *flow, void *into, size_t capacity);
/* Hands the reply over; its body follows by flow_write() if it is streamed. */
void flow_begin(struct flow *flow, struct reply *reply);
/* Hands octets of the answer over; false if nobody takes them. */
bool flow_write(struct flow *flow, const void *octets, size_t length);
/* Nothing follows; the answer is whole, or not. */
void flow_end(struct flow *flow, bool whole);

#endif
