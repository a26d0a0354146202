/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP server, on libmicrohttpd. The places where 0.9.75 needs care: the target is taken undecoded from its own
 * callback; heads are looked at by head.c, since it lets ambiguous ones through; time-outs are ours, since its own
 * end with each octet, but for sending; a connection that is suspended has none and counts as busy.
 */
#include "server.h"

#include "exchange.h"
#include "flow.h"
#include "head.h"

#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { POOL = 64 * 1024, REFUSED_AT_ONCE = 64 };

/* An exchange with what it comes by. */
struct passage {
    struct exchange exchange; /* first: resume() gets its address */
    struct server *server;
    struct MHD_Connection *handle;
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
    struct passage *passage = (struct passage *)(void *)request;
    int answered = passage->server->answered; /* the passage may be gone at once */
    MHD_resume_connection(passage->handle);
    (void)!write(answered, &one, sizeof(one));
}

static void pause_request(struct request *request)
{
    struct passage *passage = (struct passage *)(void *)request;
    connections_enter(passage->exchange.connection, PHASE_BUSY);
    MHD_suspend_connection(passage->handle);
}

/* The first line is there. */
static void *begin_passage(void *data, const char *target, struct MHD_Connection *handle)
{
    struct server *server = data;
    struct connection *connection = connection_of(handle);
    bool served = connection != NULL && !connection->refused; /* whose octets may be there before it is closed */
    struct passage *passage = served ? calloc(1, sizeof(*passage)) : NULL;
    if (passage == NULL) {
        return NULL;
    }
    passage->server = server;
    passage->handle = handle;
    passage->exchange.request.answer = resume;
    passage->exchange.request.pause = pause_request;
    exchange_begin(&passage->exchange, connection, &server->hooks, target);
    server->busy++;
    return passage;
}

static enum MHD_Result collect_header(void *data, enum MHD_ValueKind kind, const char *name, size_t name_length,
                                      const char *value, size_t value_length)
{
    (void)kind;
    const struct request_header header = {name, name_length, value != NULL ? value : "", value_length};
    return exchange_add_header(data, &header) ? MHD_YES : MHD_NO;
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

static enum MHD_Result send_reply(struct passage *passage)
{
    struct exchange *exchange = &passage->exchange;
    struct reply *reply = &exchange->request.reply;
    const struct server *server = passage->server;
    reply->close |= server->draining;
    connections_enter(exchange->connection, PHASE_BUSY);
    struct MHD_Response *response = make_response(exchange);
    if (response == NULL || reply->body.failed) {
        MHD_destroy_response(response);
        return MHD_NO;
    }
    add_headers(response, reply);
    unsigned stall = (unsigned)((server->limits.write_stall + 999) / 1000);
    MHD_set_connection_option(passage->handle, MHD_CONNECTION_OPTION_TIMEOUT, stall);
    enum MHD_Result queued = MHD_queue_response(passage->handle, (unsigned)reply->status, response);
    MHD_destroy_response(response);
    return queued;
}

/* From 1.0 on it refuses by itself what this looks for, and lays heads out as it likes. */
static bool is_whole(const struct passage *passage, const char *version)
{
    const struct request *request = &passage->exchange.request;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(passage->handle, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    const struct head_place place = {request->method, version, info != NULL ? info->header_size : 0};
    return MHD_get_version()[0] != '0' || head_is_whole(request, &place);
}

static enum step read_head(struct passage *passage, const char *method, const char *version)
{
    struct exchange *exchange = &passage->exchange;
    const struct server *server = passage->server;
    exchange_read_line(exchange, method, version);
    MHD_get_connection_values_n(passage->handle, MHD_HEADER_KIND, collect_header, exchange);
    bool malformed = exchange->target != NULL && !is_whole(passage, version);
    return exchange_read_head(exchange, malformed, server->limits.header_octets, server->port);
}

/* Held up before it is handed over, as it may be answered at once. */
static enum MHD_Result take_step(struct passage *passage, enum step step)
{
    if (step == STEP_PAUSE) {
        MHD_suspend_connection(passage->handle);
        exchange_dispatch(&passage->exchange);
    }
    return step == STEP_REPLY ? send_reply(passage) : MHD_YES;
}

static enum MHD_Result on_request(void *data, struct MHD_Connection *handle, const char *url, const char *method,
                                  const char *version, const char *upload, size_t *upload_size, void **state)
{
    (void)data;
    (void)handle;
    (void)url;
    struct passage *passage = *state;
    if (passage == NULL) {
        return MHD_NO;
    }
    if (!passage->exchange.begun) {
        return take_step(passage, read_head(passage, method, version));
    }
    if (*upload_size > 0) {
        *upload_size -= exchange_take_body(&passage->exchange, upload, *upload_size);
        return MHD_YES;
    }
    return take_step(passage, exchange_end_body(&passage->exchange)); /* also where it goes on behind a pause */
}

static void end_passage(void *data, struct MHD_Connection *handle, void **state, enum MHD_RequestTerminationCode code)
{
    (void)code;
    struct server *server = data;
    struct passage *passage = *state;
    *state = NULL;
    if (passage == NULL) {
        return;
    }
    MHD_set_connection_option(handle, MHD_CONNECTION_OPTION_TIMEOUT, 0);
    server->busy--;
    exchange_end(&passage->exchange);
    free(passage);
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
    server->connections = (struct connections){.head_timeout = limits->head_timeout,
                                               .idle = limits->idle,
                                               .stall = limits->write_stall,
                                               .give_up = hooks->give_up,
                                               .data = hooks->data};
    server->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, server, MHD_OPTION_LISTEN_SOCKET,
        listener, MHD_OPTION_URI_LOG_CALLBACK, begin_passage, server, MHD_OPTION_UNESCAPE_CALLBACK, leave_undecoded,
        NULL, MHD_OPTION_NOTIFY_COMPLETED, end_passage, server, MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
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
