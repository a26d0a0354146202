/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP server, on libmicrohttpd. The places where 0.9.75 needs care: the target is taken undecoded from its own
 * callback; heads are looked at by head.c, since it lets ambiguous ones through; time-outs are ours, since its own
 * end with each octet, but for sending; a connection that is suspended has none and counts as busy.
 */
#include "server.h"

#include "base/clock.h"
#include "base/text.h"
#include "flow.h"
#include "head.h"

#include <microhttpd.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { POOL = 64 * 1024, REFUSED_AT_ONCE = 64, HEADERS_MAX = 100, SWEEP = 250 };

/* What a connection is doing, by which its time is bounded. */
enum phase { PHASE_IDLE, PHASE_HEAD, PHASE_BODY, PHASE_BUSY };

struct connection {
    struct connection *next;
    struct connection **link;
    struct server *server;
    int fd;
    struct peer peer;
    enum phase phase;
    int64_t since; /* of the phase */
    bool refused;
    struct exchange *exchange; /* NULL = none */
};

struct exchange {
    struct request request; /* first: resume() gets its address */
    struct connection *connection;
    struct MHD_Connection *handle;
    char *target;
    struct request_header headers[HEADERS_MAX];
    size_t header_octets;
    bool begun;
    bool finished; /* its reply is filled in, or will be */
    bool too_large;
    bool dispatched; /* it is with somebody, until its reply */
    bool given_up;
};

struct server {
    struct MHD_Daemon *daemon;
    int answered; /* an eventfd(2): a reply is there */
    int both;     /* an epoll(7) of that and of libmicrohttpd's own descriptor */
    struct server_hooks hooks;
    struct server_limits limits;
    unsigned port;
    struct connection *connections;
    int64_t swept;
    unsigned busy;
    bool draining;
    bool room; /* a connection has ended: where there was none left, one more run looks at the listener again */
};

static struct connection *connection_of(struct MHD_Connection *handle)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(handle, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info != NULL ? info->socket_context : NULL;
}

static void enter_phase(struct connection *connection, enum phase phase)
{
    connection->phase = phase;
    connection->since = clock_monotonic();
}

/* libmicrohttpd wakes itself up, but may forget it again where it is at work just then: so it is run once more. */
static void resume(struct request *request)
{
    const uint64_t one = 1;
    struct exchange *exchange = (struct exchange *)(void *)request;
    int answered = exchange->connection->server->answered; /* the exchange may be gone at once */
    MHD_resume_connection(exchange->handle);
    (void)!write(answered, &one, sizeof(one));
}

static void pause_request(struct request *request)
{
    struct exchange *exchange = (struct exchange *)(void *)request;
    enter_phase(exchange->connection, PHASE_BUSY);
    MHD_suspend_connection(exchange->handle);
}

/* The first line is there. */
static void *begin_exchange(void *data, const char *target, struct MHD_Connection *handle)
{
    (void)data;
    struct connection *connection = connection_of(handle);
    bool served = connection != NULL && !connection->refused; /* whose octets may be there before it is closed */
    struct exchange *exchange = served ? calloc(1, sizeof(*exchange)) : NULL;
    if (exchange == NULL) {
        return NULL;
    }
    exchange->connection = connection;
    exchange->handle = handle;
    exchange->target = text_copy(target);
    exchange->request.began = clock_monotonic();
    exchange->request.peer = connection->peer;
    exchange->request.answer = resume;
    exchange->request.pause = pause_request;
    connection->exchange = exchange;
    connection->server->busy++;
    enter_phase(connection, PHASE_HEAD);
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
    struct server *server = exchange->connection->server;
    reply->close |= server->draining;
    enter_phase(exchange->connection, PHASE_BUSY);
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
    struct server *server = exchange->connection->server;
    int status = 0;
    exchange->begun = true;
    request->method = method;
    request->target = exchange->target;
    request->old = strcmp(version, MHD_HTTP_VERSION_1_0) == 0;
    request->headers = exchange->headers;
    request->body.limit = 0;
    MHD_get_connection_values_n(exchange->handle, MHD_HEADER_KIND, collect_header, exchange);
    enter_phase(exchange->connection, PHASE_BODY);
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
    const struct server_hooks *hooks = &exchange->connection->server->hooks;
    hooks->dispatch(hooks->data, request);
    exchange->dispatched = !request->streams || request->flow != NULL;
}

/* What came so far goes on, and the rest behind it; or the reply is filled in, and the rest is read to its end. */
static void begin_flow(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    struct server *server = exchange->connection->server;
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
        enter_phase(exchange->connection, PHASE_BODY); /* its time is that of a pause in it */
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
    struct server *server = exchange->connection->server;
    exchange->finished = true;
    request->whole = true;
    enter_phase(exchange->connection, PHASE_BUSY);
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
    enter_phase(exchange->connection, PHASE_IDLE);
    exchange->connection->exchange = NULL;
    server->busy--;
    server->hooks.end(server->hooks.data, &exchange->request);
    flow_release(exchange->request.flow);
    buffer_release(&exchange->request.body);
    reply_release(&exchange->request.reply);
    free(exchange->target);
    free(exchange);
}

/* Answers a connection that is not to be served, and nothing that it sent. What does not fit at once is lost. */
static void refuse(const struct connection *connection, const struct reply *reply)
{
    struct buffer text = BUFFER_INIT;
    const char *name = NULL;
    const char *value = NULL;
    buffer_printf(&text,
                  "HTTP/1.1 %d Refused\r\nConnection: close\r\nCache-Control: no-store\r\nContent-Type: %s\r\n"
                  "Content-Length: %zu\r\n",
                  reply->status, reply->type, reply->body.length);
    for (size_t at = 0; reply_header_next(reply, &at, &name, &value);) {
        buffer_printf(&text, "%s: %s\r\n", name, value);
    }
    buffer_puts(&text, "\r\n");
    buffer_append(&text, buffer_text(&reply->body), reply->body.length);
    if (!text.failed) {
        send(connection->fd, buffer_text(&text), text.length, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    buffer_release(&text);
    shutdown(connection->fd, SHUT_RDWR);
}

static void open_connection(struct server *server, struct MHD_Connection *handle, void **context)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(handle, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct connection *connection = calloc(1, sizeof(*connection));
    struct reply reply = {0};
    if (connection == NULL || info == NULL) {
        free(connection);
        return;
    }
    *context = connection;
    connection->server = server;
    connection->fd = info->connect_fd;
    enter_phase(connection, PHASE_IDLE);
    connection->next = server->connections;
    connection->link = &server->connections;
    if (connection->next != NULL) {
        connection->next->link = &connection->next;
    }
    server->connections = connection;
    if (!peer_read(connection->fd, &connection->peer)) {
        reply_problem(&reply, 403, "denied", "the system does not tell who asks");
        connection->refused = true;
    } else {
        connection->refused = !server->hooks.connect(server->hooks.data, connection->fd, &connection->peer, &reply);
    }
    if (connection->refused) {
        refuse(connection, &reply);
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
    *connection->link = connection->next;
    if (connection->next != NULL) {
        connection->next->link = connection->link;
    }
    if (!connection->refused) {
        server->hooks.disconnect(server->hooks.data, &connection->peer);
    }
    free(connection);
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
    int64_t patience = server->connections != NULL ? SWEEP : -1;
    if (server->room) {
        return 0;
    }
    if (MHD_get_timeout(server->daemon, &timeout) == MHD_YES && (patience < 0 || (int64_t)timeout < patience)) {
        patience = (int64_t)timeout;
    }
    return patience;
}

static int64_t time_of(const struct server *server, enum phase phase)
{
    return phase == PHASE_HEAD ? server->limits.head_timeout : server->limits.idle;
}

/* Whether nobody will read an answer. Who has closed his side of a Unix socket may still do so; over TCP that cannot
 * be told from one who has gone. */
static bool has_gone(const struct connection *connection)
{
    char octet = 0;
    struct pollfd polled = {.fd = connection->fd};
    return (poll(&polled, 1, 0) > 0 && (polled.revents & (POLLHUP | POLLERR)) != 0) ||
           (connection->peer.tcp && recv(connection->fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT) == 0);
}

/* Of one that is with somebody. */
static void look_after(struct server *server, const struct connection *connection, int64_t now)
{
    struct exchange *exchange = connection->exchange;
    int64_t deadline = exchange != NULL && exchange->request.deadline != 0 ? exchange->request.deadline : INT64_MAX;
    if (exchange != NULL && exchange->dispatched && !exchange->given_up &&
        (now >= deadline || has_gone(connection))) {
        exchange->given_up = true;
        server->hooks.give_up(server->hooks.data, &exchange->request);
    }
}

/* Ends those that have had their time. */
static void sweep(struct server *server)
{
    int64_t now = clock_monotonic();
    if (now - server->swept < SWEEP) {
        return;
    }
    server->swept = now;
    for (struct connection *connection = server->connections; connection != NULL; connection = connection->next) {
        if (connection->phase != PHASE_BUSY && now - connection->since >= time_of(server, connection->phase)) {
            shutdown(connection->fd, SHUT_RDWR);
        }
        look_after(server, connection, now);
    }
}

void server_give_up(struct server *server)
{
    for (const struct connection *connection = server->connections; connection != NULL;
         connection = connection->next) {
        look_after(server, connection, INT64_MAX);
    }
}

void server_run(struct server *server)
{
    uint64_t answers = 0;
    server->room = false;
    (void)!read(server->answered, &answers, sizeof(answers));
    MHD_run(server->daemon);
    sweep(server);
}

void server_drain(struct server *server)
{
    server->draining = true;
    MHD_quiesce_daemon(server->daemon);
    for (struct connection *connection = server->connections; connection != NULL; connection = connection->next) {
        if (connection->phase == PHASE_IDLE) {
            shutdown(connection->fd, SHUT_RDWR);
        }
    }
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
