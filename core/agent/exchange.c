/* SPDX-License-Identifier: Apache-2.0 */
/* One request on its way from its head to its reply. */
#include "exchange.h"

#include "base/clock.h"
#include "base/text.h"
#include "flow.h"
#include "head.h"

#include <stdlib.h>

void exchange_begin(struct exchange *exchange, struct connection *connection, const struct server_hooks *hooks,
                    const char *target)
{
    exchange->hooks = hooks;
    exchange->connection = connection;
    exchange->target = text_copy(target);
    exchange->request.began = clock_monotonic();
    exchange->request.peer = connection->peer;
    connections_enter(connection, PHASE_HEAD);
}

void exchange_read_line(struct exchange *exchange, const char *method, const char *version)
{
    struct request *request = &exchange->request;
    request->method = method;
    request->target = exchange->target;
    request->headers = exchange->headers;
    request->old = strcmp(version, "HTTP/1.0") == 0;
}

bool exchange_add_header(struct exchange *exchange, const struct request_header *header)
{
    struct request *request = &exchange->request;
    exchange->header_octets += header->name_length + header->value_length + sizeof(": \r\n") - 1;
    if (request->header_count == EXCHANGE_HEADERS) {
        exchange->header_octets = SIZE_MAX / 2; /* as too long as can be */
        return false;
    }
    exchange->headers[request->header_count++] = *header;
    return true;
}

/* Why the head is refused, and with which status; NULL where it is good. */
static const char *fault_of(const struct exchange *exchange, bool malformed, size_t most, unsigned port, int *status)
{
    if (exchange->target == NULL) {
        *status = 503;
        return "out of memory";
    }
    if (exchange->header_octets + strlen(exchange->target) > most) {
        *status = 431;
        return "its head is too long";
    }
    if (malformed) {
        *status = 400;
        return "a line of its head is malformed";
    }
    return head_fault(&exchange->request, port, status);
}

/* Before the body: what the head alone decides. */
enum step exchange_read_head(struct exchange *exchange, bool malformed, size_t most, unsigned port)
{
    struct request *request = &exchange->request;
    const struct server_hooks *hooks = exchange->hooks;
    int status = 0;
    exchange->begun = true;
    connections_enter(exchange->connection, PHASE_BODY);
    const char *fault = fault_of(exchange, malformed, most, port, &status);
    if (fault != NULL) {
        reply_problem(&request->reply, status, "request", "the request was refused: %s", fault);
        request->reply.close = true;
        exchange->finished = true;
        return STEP_REPLY;
    }
    int64_t taken = hooks->begin(hooks->data, request);
    if (taken >= 0 && !request->streams && head_length(request) > taken) {
        reply_problem(&request->reply, 413, "request", "the body is too long: %lld octets are the most",
                      (long long)taken);
        taken = -1;
    }
    if (taken < 0) {
        request->reply.close |= head_length(request) != 0;
        exchange->finished = true;
        return STEP_REPLY;
    }
    request->body.limit = (size_t)taken + 1; /* as 0 would be none */
    return STEP_GO_ON;
}

void exchange_dispatch(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    exchange->hooks->dispatch(exchange->hooks->data, request);
    exchange->connection->pending = !request->streams || request->flow != NULL ? request : NULL;
}

/* What came so far goes on, and the rest behind it; or the reply is filled in, and the rest is read to its end. */
static void begin_flow(struct exchange *exchange)
{
    exchange->finished = true;
    if (!exchange->hooks->finish(exchange->hooks->data, &exchange->request)) {
        exchange_dispatch(exchange);
    }
}

/* What is too long is read to its end, which the time for it bounds, so that the answer is heard. */
size_t exchange_take_body(struct exchange *exchange, const char *octets, size_t length)
{
    struct request *request = &exchange->request;
    struct buffer *body = &request->body;
    connections_hear(exchange->connection);
    bool fits = body->length + length < body->limit;
    if (request->streams && !fits && !exchange->finished) {
        begin_flow(exchange);
    }
    if (request->flow != NULL) {
        connections_enter(exchange->connection, PHASE_BODY); /* its time is that of a pause in it */
        return flow_push(request->flow, octets, length);
    }
    exchange->too_large = exchange->too_large || !fits || !buffer_append(body, octets, length);
    return length;
}

/* The reply, if it is known by now. */
static enum step await_reply(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    if (request->flow == NULL) {
        return STEP_REPLY;
    }
    flow_push_end(request->flow);
    return flow_reply(request->flow, &request->reply) ? STEP_REPLY : STEP_GO_ON;
}

enum step exchange_end_body(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    if (exchange->finished) {
        return await_reply(exchange);
    }
    exchange->finished = true;
    request->whole = true;
    connections_enter(exchange->connection, PHASE_BUSY);
    if (exchange->too_large) {
        reply_problem(&request->reply, 413, "request", "the body is too long: %zu octets are the most",
                      request->body.limit - 1);
    } else if (!exchange->hooks->finish(exchange->hooks->data, request)) {
        if (!request->streams) {
            return STEP_PAUSE;
        }
        exchange_dispatch(exchange);
    }
    return await_reply(exchange);
}

void exchange_end(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    connections_enter(exchange->connection, PHASE_IDLE);
    exchange->connection->pending = NULL;
    exchange->hooks->end(exchange->hooks->data, request);
    flow_release(request->flow);
    buffer_release(&request->body);
    reply_release(&request->reply);
    free(exchange->target);
}
