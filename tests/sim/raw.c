/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes past libmicrohttpd, for what it would never send. The handler runs in the connection's own thread while
 * libmicrohttpd has nothing in flight, so writing to the socket here and then refusing the request is safe. On TLS
 * the bytes go through the session's own record layer; GnuTLS is in the process as a part of libmicrohttpd and is
 * asked for that one function by name, which spares its headers.
 */
#include "core.h"

#include <dlfcn.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#ifndef POLLRDHUP
#define POLLRDHUP 0x2000
#endif

enum { TLS_AGAIN = -28, TLS_INTERRUPTED = -52, POLL_MS = 100 };

typedef ssize_t record_send_function(void *session, const void *data, size_t size);

static int socket_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

/* -1 on a broken connection, 0 to try again. */
static ssize_t send_once(struct MHD_Connection *connection, const char *data, size_t length)
{
    const union MHD_ConnectionInfo *tls = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    if (tls && tls->tls_session) {
        void *symbol = dlsym(RTLD_DEFAULT, "gnutls_record_send");
        record_send_function *record_send = NULL;
        memcpy(&record_send, &symbol, sizeof(symbol));
        ssize_t sent = record_send ? record_send(tls->tls_session, data, length) : -1;
        return sent == TLS_AGAIN || sent == TLS_INTERRUPTED ? 0 : sent < 0 ? -1 : sent;
    }
    ssize_t sent = send(socket_of(connection), data, length, MSG_NOSIGNAL);
    return sent < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : sent;
}

static bool send_all(struct MHD_Connection *connection, const char *data, size_t length)
{
    while (length > 0) {
        ssize_t sent = send_once(connection, data, length);
        if (sent < 0 || sim_ending())
            return false;
        if (sent == 0) {
            struct pollfd ready = {.fd = socket_of(connection), .events = POLLOUT};
            poll(&ready, 1, POLL_MS);
            continue;
        }
        data += sent;
        length -= (size_t)sent;
    }
    return true;
}

void sim_raw_reset(struct MHD_Connection *connection)
{
    /* Dissolving the association makes Linux send RST at once, whatever is done with the descriptor afterwards. */
    struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    int result = connect(socket_of(connection), &nobody, sizeof(nobody));
    (void)result;
}

void sim_raw_garbage(struct MHD_Connection *connection)
{
    static const char garbage[] = "\x16\x03\x01 this is not HTTP\r\n\0\xff\xfe\r\n\r\n";
    send_all(connection, garbage, sizeof(garbage) - 1);
}

void sim_raw_endless_headers(struct MHD_Connection *connection)
{
    static const char start[] = "HTTP/1.1 200 OK\r\n";
    static const char header[] =
        "X-Endless: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n";
    bool going = send_all(connection, start, sizeof(start) - 1);
    while (going)
        going = send_all(connection, header, sizeof(header) - 1);
}

void sim_raw_wrong_length(struct MHD_Connection *connection, const struct sim_reply *reply, int64_t difference)
{
    struct buffer text = BUFFER_INIT;
    buffer_printf(&text, "HTTP/1.1 %d Simulated\r\nContent-Length: %lld\r\n", reply->status,
                  (long long)((int64_t)reply->body.length + difference));
    for (size_t i = 0; i < reply->headers.count; i++)
        buffer_printf(&text, "%s: %s\r\n", reply->headers.items[i].name, reply->headers.items[i].value);
    buffer_puts(&text, "\r\n");
    buffer_append(&text, buffer_text(&reply->body), reply->body.length);
    send_all(connection, text.data, text.length);
    buffer_release(&text);
}

void sim_raw_hang(struct MHD_Connection *connection)
{
    struct pollfd gone = {.fd = socket_of(connection), .events = POLLRDHUP};
    while (!sim_ending() && poll(&gone, 1, POLL_MS) == 0) {
    }
}
