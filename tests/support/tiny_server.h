/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small HTTP server in the test's own process, whose answers the test writes octet by octet, so that it can break
 * the protocol in any way. One thread a connection; a port of the system's choosing on 127.0.0.1.
 */
#ifndef MSTR_TESTS_SUPPORT_TINY_SERVER_H
#define MSTR_TESTS_SUPPORT_TINY_SERVER_H

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>

struct tiny_server;
struct tiny_connection;

/* A request as it came. Bodies are read by Content-Length; a chunked one is given as it is on the wire. */
struct tiny_request {
    const char *head; /* up to and with the empty line, NUL-terminated */
    const char *body;
    size_t body_length;
    unsigned connection;    /* counted from 1 */
    unsigned on_connection; /* requests so far on this connection, this one included */
};

/* Answers; returns false to close the connection. Runs in the connection's thread. */
typedef bool (*tiny_handler)(struct tiny_connection *connection, const struct tiny_request *request, void *data);

/* `tls` NULL = plain. The context stays the caller's. */
struct tiny_server *tiny_server_start(tiny_handler handler, void *data, SSL_CTX *tls);
/* From now on the text is what each connection gets, whatever comes, as from a server of another protocol. */
void tiny_server_blurt(struct tiny_server *server, const char *text);
/* Ends all connections and waits for their threads. */
void tiny_server_stop(struct tiny_server *server);
unsigned tiny_server_port(const struct tiny_server *server);
/* "http://127.0.0.1:PORT" + path, or https; valid until the next call on this server by the same thread. */
const char *tiny_server_url(struct tiny_server *server, const char *path);
unsigned tiny_server_connections(struct tiny_server *server);
/* Requests whose head arrived whole. */
unsigned tiny_server_requests(struct tiny_server *server);

bool tiny_write(struct tiny_connection *connection, const void *octets, size_t length);
bool tiny_text(struct tiny_connection *connection, const char *text);
/* The next close sends RST. */
void tiny_reset(struct tiny_connection *connection);
/* Ends the stream to the peer, and then the connection by RST, both at once: who writes to it now gets EPIPE. */
void tiny_break(struct tiny_connection *connection);
/* Answers CONNECT, and carries octets to and from a port of 127.0.0.1 until either side ends: a proxy. */
void tiny_tunnel(struct tiny_connection *connection, unsigned port);
/* Waits until the peer or tiny_server_stop() ends the connection. */
void tiny_wait_for_end(struct tiny_connection *connection);

#endif
