/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The listeners, on libmicrohttpd with a thread for each connection: a request is taken in whole, handled by its
 * service under that service's lock, logged, and answered; so a client that has an answer finds its request in the
 * log.
 */
#include "core.h"

#include "base/text.h"
#include "base/uri.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { BODY_MAX = 256 << 20, CONNECTIONS_MAX = 8000, HEADERS_MAX = 512 << 10, SERVICES_MAX = 8 };

struct sim_listener {
    struct MHD_Daemon *daemon;
    const struct sim_service *service;
    bool tls;
};

/* One request on its way through libmicrohttpd. */
struct exchange {
    struct sim_request request;
    bool begun;
    bool too_large;
    bool close_after;
    bool end_after;
};

static pthread_mutex_t service_locks[SERVICES_MAX] = {
    PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER,
    PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER};
static _Atomic uint64_t next_request = 1;
static _Atomic uint64_t next_connection = 1;

static pthread_mutex_t *lock_of(const struct sim_service *service)
{
    size_t i = 0;
    while (sim_services[i] && sim_services[i] != service)
        i++;
    return &service_locks[i % SERVICES_MAX];
}

void sim_service_lock(const struct sim_service *service)
{
    pthread_mutex_lock(lock_of(service));
}

void sim_service_unlock(const struct sim_service *service)
{
    pthread_mutex_unlock(lock_of(service));
}

/* libmicrohttpd shows the undecoded target here alone; its result is what the later calls find in *state. */
static void *begin_exchange(void *data, const char *target, struct MHD_Connection *connection)
{
    (void)data;
    (void)connection;
    struct exchange *exchange = calloc(1, sizeof(*exchange));
    if (!exchange)
        return NULL;
    exchange->request.target = text_copy(target);
    exchange->request.body.limit = BODY_MAX;
    return exchange;
}

static enum MHD_Result collect_header(void *data, enum MHD_ValueKind kind, const char *name, const char *value)
{
    (void)kind;
    sim_pairs_add(data, name, value ? value : "");
    return MHD_YES;
}

static void read_head(struct exchange *exchange, const struct sim_listener *listener,
                      struct MHD_Connection *connection, const char *method)
{
    struct sim_request *request = &exchange->request;
    exchange->begun = true;
    request->id = atomic_fetch_add(&next_request, 1);
    request->service = listener->service;
    request->tls = listener->tls;
    request->method = text_copy(method);
    const union MHD_ConnectionInfo *context = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    if (context && context->socket_context)
        request->connection = *(uint64_t *)context->socket_context;
    if (request->tls)
        sim_peer_read(connection, request);

    const char *target = request->target ? request->target : "/";
    size_t length = strcspn(target, "?");
    struct buffer path = BUFFER_INIT;
    if (!uri_decode(&path, target, length)) {
        buffer_clear(&path);
        buffer_append(&path, target, length);
    }
    request->path = text_copy(buffer_text(&path));
    buffer_release(&path);
    if (target[length] == '?')
        sim_pairs_add_form(&request->query, target + length + 1, strlen(target + length + 1));
    MHD_get_connection_values(connection, MHD_HEADER_KIND, collect_header, &request->headers);
}

/* A body that leaves libmicrohttpd piece by piece. */
struct stream {
    char *data;
    size_t length;
    size_t stop; /* the connection breaks here if it is less than length */
    int64_t bytes_per_second;
};

static ssize_t read_stream(void *data, uint64_t position, char *out, size_t max)
{
    struct stream *stream = data;
    if (position >= stream->stop)
        return stream->stop < stream->length ? MHD_CONTENT_READER_END_WITH_ERROR : MHD_CONTENT_READER_END_OF_STREAM;
    size_t size = stream->stop - (size_t)position;
    if (size > max)
        size = max;
    if (stream->bytes_per_second > 0) {
        size = 1;
        if (!sim_pause(1000 / stream->bytes_per_second))
            return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    memcpy(out, stream->data + position, size);
    return (ssize_t)size;
}

static void free_stream(void *data)
{
    struct stream *stream = data;
    free(stream->data);
    free(stream);
}

static struct MHD_Response *make_stream(const struct sim_reply *reply, const struct sim_fault *fault)
{
    struct stream *stream = calloc(1, sizeof(*stream));
    if (!stream)
        return NULL;
    stream->length = reply->body.length;
    stream->stop = stream->length;
    stream->data = malloc(stream->length + 1);
    if (!stream->data) {
        free(stream);
        return NULL;
    }
    memcpy(stream->data, buffer_text(&reply->body), stream->length);
    if (fault->kind == SIM_FAULT_TRUNCATE && (uint64_t)fault->amount < stream->length)
        stream->stop = (size_t)fault->amount;
    if (fault->kind == SIM_FAULT_DRIP)
        stream->bytes_per_second = fault->amount;
    uint64_t size = reply->chunked ? MHD_SIZE_UNKNOWN : stream->length;
    return MHD_create_response_from_callback(size, 4096, read_stream, stream, free_stream);
}

/* As many octets as are asked for. */
static ssize_t read_filler(void *data, uint64_t position, char *out, size_t max)
{
    (void)data;
    (void)position;
    memset(out, 'x', max);
    return (ssize_t)max;
}

static struct MHD_Response *make_response(const struct sim_reply *reply, const struct sim_fault *fault)
{
    if (fault->kind == SIM_FAULT_OVERSIZE)
        return MHD_create_response_from_callback((uint64_t)fault->amount, 65536, read_filler, NULL, NULL);
    if (reply->chunked || fault->kind == SIM_FAULT_TRUNCATE || fault->kind == SIM_FAULT_DRIP)
        return make_stream(reply, fault);
    return MHD_create_response_from_buffer(reply->body.length, (void *)buffer_text(&reply->body),
                                           MHD_RESPMEM_MUST_COPY);
}

static void http_date(char *out, size_t size)
{
    time_t now = (time_t)(sim_now() / 1000);
    struct tm civil;
    gmtime_r(&now, &civil);
    strftime(out, size, "%a, %d %b %Y %H:%M:%S GMT", &civil);
}

static enum MHD_Result send_reply(struct MHD_Connection *connection, const struct sim_reply *reply,
                                  const struct sim_fault *fault)
{
    struct MHD_Response *response = make_response(reply, fault);
    if (!response)
        return MHD_NO;
    char date[64];
    http_date(date, sizeof(date));
    if (!sim_pairs_get(&reply->headers, "Date"))
        MHD_add_response_header(response, "Date", date);
    for (size_t i = 0; i < reply->headers.count; i++)
        MHD_add_response_header(response, reply->headers.items[i].name, reply->headers.items[i].value);
    enum MHD_Result queued = MHD_queue_response(connection, (unsigned)reply->status, response);
    MHD_destroy_response(response);
    return queued;
}

/* Faults that leave no HTTP answer, or one that libmicrohttpd would not send. True if there was one. */
static bool send_raw(struct MHD_Connection *connection, const struct sim_reply *reply, const struct sim_fault *fault)
{
    switch (fault->kind) {
    case SIM_FAULT_RESET:
        sim_raw_reset(connection);
        return true;
    case SIM_FAULT_GARBAGE:
        sim_raw_garbage(connection);
        return true;
    case SIM_FAULT_ENDLESS_HEADERS:
        sim_raw_endless_headers(connection);
        return true;
    case SIM_FAULT_WRONG_LENGTH:
        sim_raw_wrong_length(connection, reply, fault->amount);
        return true;
    case SIM_FAULT_HANG:
        sim_raw_hang(connection);
        return true;
    default:
        return false;
    }
}

static bool fault_needs_reply(const struct sim_fault *fault)
{
    switch (fault->kind) {
    case SIM_FAULT_STATUS:
    case SIM_FAULT_HTML:
    case SIM_FAULT_RESET:
    case SIM_FAULT_GARBAGE:
    case SIM_FAULT_ENDLESS_HEADERS:
    case SIM_FAULT_HANG:
    case SIM_FAULT_OVERSIZE:
        return fault->handled;
    default:
        return true;
    }
}

static void handle(struct exchange *exchange, const struct sim_fault *fault, struct sim_reply *reply)
{
    const struct sim_request *request = &exchange->request;
    if (exchange->too_large) {
        sim_reply_text(reply, 413, "text/plain", "the body is too large\n");
        sim_verdict(reply, "body over %d bytes", BODY_MAX);
    } else if (!request->service) {
        sim_admin(request, reply);
    } else if (fault_needs_reply(fault)) {
        sim_service_lock(request->service);
        request->service->handle(request, reply);
        sim_service_unlock(request->service);
    }
    sim_fault_rewrite(fault, request, reply);
}

static enum MHD_Result answer(struct exchange *exchange, struct MHD_Connection *connection)
{
    const struct sim_request *request = &exchange->request;
    struct sim_reply reply = {0};
    struct sim_fault fault = {0};
    enum MHD_Result result = MHD_NO;

    if (request->service) {
        fault = sim_fault_for(request);
        sim_count(request->service->name, "requests");
    }
    handle(exchange, &fault, &reply);
    if (request->service)
        sim_log_add(request, &reply, &fault);
    const int64_t delay = reply.delay_ms + (fault.kind == SIM_FAULT_DELAY ? fault.amount : 0);
    exchange->close_after = fault.kind == SIM_FAULT_CLOSE;
    exchange->end_after = reply.last;
    if ((delay == 0 || sim_pause(delay)) && !send_raw(connection, &reply, &fault))
        result = send_reply(connection, &reply, &fault);
    sim_reply_release(&reply);
    sim_fault_release(&fault);
    return result;
}

static enum MHD_Result on_request(void *data, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *upload, size_t *upload_size, void **state)
{
    (void)url;
    (void)version;
    struct exchange *exchange = *state;
    if (!exchange)
        return MHD_NO;
    if (!exchange->begun) {
        read_head(exchange, data, connection, method);
        return MHD_YES;
    }
    if (*upload_size > 0) {
        if (!buffer_append(&exchange->request.body, upload, *upload_size))
            exchange->too_large = true;
        *upload_size = 0;
        return MHD_YES;
    }
    return answer(exchange, connection);
}

static void end_exchange(void *data, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code)
{
    (void)data;
    struct exchange *exchange = *state;
    *state = NULL;
    if (!exchange)
        return;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (exchange->close_after && code == MHD_REQUEST_TERMINATED_COMPLETED_OK && info)
        shutdown(info->connect_fd, SHUT_RDWR);
    if (exchange->end_after)
        sim_end();
    free(exchange->request.peer);
    free(exchange->request.method);
    free(exchange->request.target);
    free(exchange->request.path);
    sim_pairs_release(&exchange->request.query);
    sim_pairs_release(&exchange->request.headers);
    buffer_release(&exchange->request.body);
    free(exchange);
}

static void on_connection(void *data, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode event)
{
    (void)connection;
    const struct sim_listener *listener = data;
    if (event == MHD_CONNECTION_NOTIFY_CLOSED) {
        free(*context);
        *context = NULL;
        return;
    }
    uint64_t *id = malloc(sizeof(*id));
    if (id)
        *id = atomic_fetch_add(&next_connection, 1);
    *context = id;
    if (listener->service)
        sim_count(listener->service->name, "connections");
}

/* Decoding is done with the raw target, by read_head(). */
static size_t leave_undecoded(void *data, struct MHD_Connection *connection, char *text)
{
    (void)data;
    (void)connection;
    return strlen(text);
}

struct sim_listener *sim_listener_start(const struct sim_service *service, unsigned port,
                                        const struct sim_certificates *tls)
{
    struct sim_listener *listener = calloc(1, sizeof(*listener));
    if (!listener)
        return NULL;
    listener->service = service;
    listener->tls = tls != NULL;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    /* An authority that is trusted makes the listener ask for a certificate; it goes on without one. */
    struct MHD_OptionItem secure[] = {{MHD_OPTION_HTTPS_MEM_KEY, 0, tls ? tls->key : NULL},
                                      {MHD_OPTION_HTTPS_MEM_CERT, 0, tls ? tls->certificate : NULL},
                                      {MHD_OPTION_HTTPS_MEM_TRUST, 0, tls ? tls->authority : NULL},
                                      {MHD_OPTION_END, 0, NULL}};
    struct MHD_OptionItem plain[] = {{MHD_OPTION_END, 0, NULL}};
    unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_ITC;
    if (listener->tls)
        flags |= MHD_USE_TLS;
    listener->daemon = MHD_start_daemon(
        flags, (uint16_t)port, NULL, NULL, on_request, listener, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address,
        MHD_OPTION_URI_LOG_CALLBACK, begin_exchange, NULL, MHD_OPTION_UNESCAPE_CALLBACK, leave_undecoded, NULL,
        MHD_OPTION_NOTIFY_COMPLETED, end_exchange, NULL, MHD_OPTION_NOTIFY_CONNECTION, on_connection, listener,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)HEADERS_MAX, MHD_OPTION_LISTEN_BACKLOG_SIZE, 1024u, MHD_OPTION_ARRAY, tls ? secure : plain,
        MHD_OPTION_END);
    if (!listener->daemon) {
        fprintf(stderr, "mstr-sim: cannot listen on 127.0.0.1:%u for %s\n", port, service ? service->name : "admin");
        free(listener);
        return NULL;
    }
    return listener;
}

unsigned sim_listener_port(const struct sim_listener *listener)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(listener->daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info ? info->port : 0;
}

void sim_listener_stop(struct sim_listener *listener)
{
    if (!listener)
        return;
    MHD_stop_daemon(listener->daemon);
    free(listener);
}
