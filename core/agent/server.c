/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP server, on libmicrohttpd. The places where 0.9.75 needs care: the target is taken undecoded from its own
 * callback; heads are looked at by head.c, since it lets ambiguous ones through; time-outs are ours, since its own
 * end with each octet, but for sending; a connection that is suspended has none and counts as busy.
 */
#include "server.h"

#include "base/clock.h"
#include "base/text.h"
#include "connections.h"
#include "flow.h"
#include "head.h"

#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { POOL = 64 * 1024, REFUSED_AT_ONCE = 64, HEADERS_MAX = 100 };

struct exchange {
    struct request request; /* first: resume() gets its address */
    struct server *server;
    struct connection *connection;
    struct MHD_Connection *handle;
    char *target;
    struct request_header headers[HEADERS_MAX];
    size_t header_octets;
    bool begun;
    bool finished; /* its reply is filled in, or will be */
    bool too_large;
};

struct server {
    struct MHD_Daemon *daemon;
    int answered; /* an eventfd(2): a reply is there */
    int both;     /* an epoll(7) of that and of libmicrohttpd's own descriptor */
    struct server_hooks hooks;
    struct server_limits limits;
    unsigned port;
    struct connections connections;
    unsigned busy;
    bool draining;
    bool room; /* a connection has ended: where there was none left, one more run looks at the listener again */
};

static struct connection *connection_of(struct MHD_Connection *handle)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(handle, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info != NULL ? info->socket_context : NULL;
}

/* libmicrohttpd wakes itself up, but may forget it again where it is at work just then: so it is run once more. */
static void resume(struct request *request)
{
    const uint64_t one = 1;
    struct exchange *exchange = (struct exchange *)(void *)request;
    int answered = exchange->server->answered; /* the exchange may be gone at once */
    MHD_resume_connection(exchange->handle);
    (void)!write(answered, &one, sizeof(one));
}

static void pause_request(struct request *request)
{
    struct exchange *exchange = (struct exchange *)(void *)request;
    connections_enter(exchange->connection, PHASE_BUSY);
    MHD_suspend_connection(exchange->handle);
}

/* The first line is there. */
static void *begin_exchange(void *data, const char *target, struct MHD_Connection *handle)
{
    struct server *server = data;
    struct connection *connection = connection_of(handle);
    bool served = connection != NULL && !connection->refused; /* whose octets may be there before it is closed */
    struct exchange *exchange = served ? calloc(1, sizeof(*exchange)) : NULL;
    if (exchange == NULL) {
        return NULL;
    }
    exchange->server = server;
    exchange->connection = connection;
    exchange->handle = handle;
    exchange->target = text_copy(target);
    exchange->request.began = clock_monotonic();
    exchange->request.peer = connection->peer;
    exchange->request.answer = resume;
    exchange->request.pause = pause_request;
    server->busy++;
    connections_enter(connection, PHASE_HEAD);
    return exchange;
}

static enum MHD_Result collect_header(void *data, enum MHD_ValueKind kind, const char *name, size_t name_length,
                                      const char *value, size_t value_length)
{
    (void)kind;
    struct exchange *exchange = data;
    struct request *request = &exchange->request;
    exchange->header_octets += name_length + value_length + sizeof(": \r\n") - 1;
    if (request->header_count == HEADERS_MAX) {
        exchange->header_octets = POOL; /* as too long as can be */
        return MHD_NO;
    }
    exchange->headers[request->header_count++] =
        (struct request_header){name, name_length, value != NULL ? value : "", value_length};
    return MHD_YES;
}

static void add_headers(struct MHD_Response *response, const struct reply *reply)
{
    const char *name = NULL;
    const char *value = NULL;
    MHD_add_response_header(response, "Cache-Control", "no-store");
    if (reply->type != NULL) {
        MHD_add_response_header(response, "Content-Type", reply->type);
    }
    if (reply->close) {
        MHD_add_response_header(response, "Connection", "close");
    }
    for (size_t at = 0; reply_header_next(reply, &at, &name, &value);) {
        MHD_add_response_header(response, name, value);
    }
}

static ssize_t read_flow(void *data, uint64_t position, char *into, size_t capacity)
{
    (void)position;
    struct exchange *exchange = data;
    int64_t got = flow_pull(exchange->request.flow, into, capacity);
    return got == FLOW_END      ? MHD_CONTENT_READER_END_OF_STREAM
           : got == FLOW_BROKEN ? MHD_CONTENT_READER_END_WITH_ERROR
                                : (ssize_t)got;
}

/* The body stays where it is until the exchange has ended. */
static struct MHD_Response *make_response(struct exchange *exchange)
{
    const struct reply *reply = &exchange->request.reply;
    if (reply->streamed) {
        uint64_t length = reply->length >= 0 ? (uint64_t)reply->length : MHD_SIZE_UNKNOWN;
        return MHD_create_response_from_callback(length, FLOW_OCTETS, read_flow, exchange, NULL);
    }
    return MHD_create_response_from_buffer(reply->body.length, (void *)(uintptr_t)buffer_text(&reply->body),
                                           MHD_RESPMEM_PERSISTENT);
}

static enum MHD_Result send_reply(struct exchange *exchange)
{
    struct reply *reply = &exchange->request.reply;
    struct server *server = exchange->server;
    reply->close |= server->draining;
    connections_enter(exchange->connection, PHASE_BUSY);
    struct MHD_Response *response = make_response(exchange);
    if (response == NULL || reply->body.failed) {
        MHD_destroy_response(response);
        return MHD_NO;
    }
    add_headers(response, reply);
    unsigned stall = (unsigned)((server->limits.write_stall + 999) / 1000);
    MHD_set_connection_option(exchange->handle, MHD_CONNECTION_OPTION_TIMEOUT, stall);
    enum MHD_Result queued = MHD_queue_response(exchange->handle, (unsigned)reply->status, response);
    MHD_destroy_response(response);
    return queued;
}

/* From 1.0 on it refuses by itself what this looks for, and lays heads out as it likes. */
static bool is_whole(const struct exchange *exchange, const char *version)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(exchange->handle, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    const struct head_place place = {exchange->request.method, version, info != NULL ? info->header_size : 0};
    return MHD_get_version()[0] != '0' || head_is_whole(&exchange->request, &place);
}

/* Before the body: what the head alone decides. */
static enum MHD_Result read_head(struct exchange *exchange, const char *method, const char *version)
{
    struct request *request = &exchange->request;
    struct server *server = exchange->server;
    int status = 0;
    exchange->begun = true;
    request->method = method;
    request->target = exchange->target;
    request->old = strcmp(version, MHD_HTTP_VERSION_1_0) == 0;
    request->headers = exchange->headers;
    request->body.limit = 0;
    MHD_get_connection_values_n(exchange->handle, MHD_HEADER_KIND, collect_header, exchange);
    connections_enter(exchange->connection, PHASE_BODY);
    const char *fault = exchange->target == NULL ? "out of memory" : NULL;
    if (fault == NULL && exchange->header_octets + strlen(exchange->target) > server->limits.header_octets) {
        status = 431;
        fault = "its head is too long";
    }
    if (fault == NULL && !is_whole(exchange, version)) {
        status = 400;
        fault = "a line of its head is malformed";
    }
    fault = fault == NULL ? head_fault(request, server->port, &status) : fault;
    if (fault != NULL) {
        reply_problem(&request->reply, status != 0 ? status : 503, "request", "the request was refused: %s", fault);
        request->reply.close = true;
        exchange->finished = true;
        return send_reply(exchange);
    }
    int64_t most = server->hooks.begin(server->hooks.data, request);
    if (most >= 0 && !request->streams && head_length(request) > most) {
        reply_problem(&request->reply, 413, "request", "the body is too long: %lld octets are the most",
                      (long long)most);
        most = -1;
    }
    if (most < 0) {
        request->reply.close |= head_length(request) != 0;
        exchange->finished = true;
        return send_reply(exchange);
    }
    request->body.limit = (size_t)most + 1; /* as 0 would be none */
    return MHD_YES;
}

static void dispatch(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    const struct server_hooks *hooks = &exchange->server->hooks;
    hooks->dispatch(hooks->data, request);
    exchange->connection->pending = !request->streams || request->flow != NULL ? request : NULL;
}

/* What came so far goes on, and the rest behind it; or the reply is filled in, and the rest is read to its end. */
static void begin_flow(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    struct server *server = exchange->server;
    exchange->finished = true;
    if (!server->hooks.finish(server->hooks.data, request)) {
        dispatch(exchange);
    }
}

/* How much of it was taken. What is too long is read to its end, which the time for it bounds, so that the answer is
 * heard. */
static size_t take_body(struct exchange *exchange, const char *octets, size_t length)
{
    struct request *request = &exchange->request;
    struct buffer *body = &request->body;
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

/* The body has ended: the reply, if it is known by now. */
static enum MHD_Result await_reply(struct exchange *exchange)
{
    flow_push_end(exchange->request.flow);
    return flow_reply(exchange->request.flow, &exchange->request.reply) ? send_reply(exchange) : MHD_YES;
}

static enum MHD_Result finish(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    struct server *server = exchange->server;
    exchange->finished = true;
    request->whole = true;
    connections_enter(exchange->connection, PHASE_BUSY);
    if (exchange->too_large) {
        reply_problem(&request->reply, 413, "request", "the body is too long: %zu octets are the most",
                      request->body.limit - 1);
    } else if (!server->hooks.finish(server->hooks.data, request)) {
        if (!request->streams) {
            MHD_suspend_connection(exchange->handle);
        }
        dispatch(exchange);
        if (!request->streams) {
            return MHD_YES;
        }
    }
    return request->flow != NULL ? await_reply(exchange) : send_reply(exchange);
}

static enum MHD_Result on_request(void *data, struct MHD_Connection *handle, const char *url, const char *method,
                                  const char *version, const char *upload, size_t *upload_size, void **state)
{
    (void)data;
    (void)handle;
    (void)url;
    struct exchange *exchange = *state;
    if (exchange == NULL) {
        return MHD_NO;
    }
    if (!exchange->begun) {
        return read_head(exchange, method, version);
    }
    if (*upload_size > 0) {
        *upload_size -= take_body(exchange, upload, *upload_size);
        return MHD_YES;
    }
    /* The second time it comes here, it was suspended and has been answered meanwhile. */
    return !exchange->finished              ? finish(exchange)
           : exchange->request.flow != NULL ? await_reply(exchange)
                                            : send_reply(exchange);
}

static void end_exchange(void *data, struct MHD_Connection *handle, void **state,
                         enum MHD_RequestTerminationCode code)
{
    (void)code;
    struct server *server = data;
    struct exchange *exchange = *state;
    *state = NULL;
    if (exchange == NULL) {
        return;
    }
    MHD_set_connection_option(handle, MHD_CONNECTION_OPTION_TIMEOUT, 0);
    connections_enter(exchange->connection, PHASE_IDLE);
    exchange->connection->pending = NULL;
    server->busy--;
    server->hooks.end(server->hooks.data, &exchange->request);
    flow_release(exchange->request.flow);
    buffer_release(&exchange->request.body);
    reply_release(&exchange->request.reply);
    free(exchange->target);
    free(exchange);
}

/* A connection is looked at before anything of it is read. */
static void open_connection(struct server *server, struct MHD_Connection *handle, void **context)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(handle, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct connection *connection = info != NULL ? connections_add(&server->connections, info->connect_fd) : NULL;
    struct reply reply = {0};
    *context = connection;
    if (connection == NULL) {
        return;
    }
    if (!peer_read(connection->fd, &connection->peer)) {
        reply_problem(&reply, 403, "denied", "the system does not tell who asks");
        connections_refuse(connection, &reply);
    } else if (!server->hooks.connect(server->hooks.data, connection->fd, &connection->peer, &reply)) {
        connections_refuse(connection, &reply);
    }
    reply_release(&reply);
}

static void on_connection(void *data, struct MHD_Connection *handle, void **context,
                          enum MHD_ConnectionNotificationCode event)
{
    struct server *server = data;
    if (event == MHD_CONNECTION_NOTIFY_STARTED) {
        open_connection(server, handle, context);
        return;
    }
    struct connection *connection = *context;
    *context = NULL;
    if (connection == NULL) { /* there was no memory for it, and nothing was served */
        return;
    }
    if (!connection->refused) {
        server->hooks.disconnect(server->hooks.data, &connection->peer);
    }
    connections_remove(connection);
    server->room = true;
}

/* The target is wanted as it came. */
static size_t leave_undecoded(void *data, struct MHD_Connection *connection, char *text)
{
    (void)data;
    (void)connection;
    return strlen(text);
}

static bool watch_both(struct server *server)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    struct epoll_event event = {.events = EPOLLIN};
    server->answered = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    server->both = epoll_create1(EPOLL_CLOEXEC);
    return info != NULL && server->answered >= 0 && server->both >= 0 &&
           epoll_ctl(server->both, EPOLL_CTL_ADD, info->epoll_fd, &event) == 0 &&
           epoll_ctl(server->both, EPOLL_CTL_ADD, server->answered, &event) == 0;
}

struct server *server_new(int listener, unsigned port, const struct server_limits *limits,
                          const struct server_hooks *hooks)
{
    struct server *server = calloc(1, sizeof(*server));
    if (server == NULL) {
        return NULL;
    }
    server->answered = server->both = -1;
    server->hooks = *hooks;
    server->limits = *limits;
    server->port = port;
    server->connections = (struct connections){
        .head_timeout = limits->head_timeout, .idle = limits->idle, .give_up = hooks->give_up, .data = hooks->data};
    server->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, server, MHD_OPTION_LISTEN_SOCKET,
        listener, MHD_OPTION_URI_LOG_CALLBACK, begin_exchange, server, MHD_OPTION_UNESCAPE_CALLBACK, leave_undecoded,
        NULL, MHD_OPTION_NOTIFY_COMPLETED, end_exchange, server, MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
        MHD_OPTION_CONNECTION_LIMIT, limits->connections + REFUSED_AT_ONCE, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)POOL, MHD_OPTION_CONNECTION_TIMEOUT, 0u, MHD_OPTION_END);
    if (server->daemon == NULL || !watch_both(server)) {
        server_free(server);
        return NULL;
    }
    return server;
}

int server_descriptor(const struct server *server)
{
    return server->both;
}

int64_t server_patience(const struct server *server)
{
    MHD_UNSIGNED_LONG_LONG timeout = 0;
    int64_t patience = connections_patience(&server->connections);
    if (server->room) {
        return 0;
    }
    if (MHD_get_timeout(server->daemon, &timeout) == MHD_YES && (patience < 0 || (int64_t)timeout < patience)) {
        patience = (int64_t)timeout;
    }
    return patience;
}

void server_give_up(struct server *server)
{
    connections_give_up(&server->connections);
}

void server_run(struct server *server)
{
    uint64_t answers = 0;
    server->room = false;
    (void)!read(server->answered, &answers, sizeof(answers));
    MHD_run(server->daemon);
    connections_sweep(&server->connections);
}

void server_drain(struct server *server)
{
    server->draining = true;
    MHD_quiesce_daemon(server->daemon);
    connections_end_idle(&server->connections);
}

unsigned server_busy(const struct server *server)
{
    return server->busy;
}

void server_free(struct server *server)
{
    if (server != NULL) {
        if (server->daemon != NULL) {
            MHD_stop_daemon(server->daemon);
        }
        if (server->answered >= 0) {
            close(server->answered);
        }
        if (server->both >= 0) {
            close(server->both);
        }
        free(server);
    }
}
