/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP server, on libmicrohttpd, which server.c alone knows. It has no thread of its own: whoever owns it waits
 * on its descriptor and calls server_run(), so that nothing in here may wait for anybody. What takes time is answered
 * by request->answer() from another thread.
 */
#ifndef MSTR_AGENT_SERVER_H
#define MSTR_AGENT_SERVER_H

#include "hooks.h"

struct server;

struct server_limits {
    unsigned connections;
    size_t header_octets;
    int64_t head_timeout; /* ms */
    int64_t idle;
    int64_t write_stall;
};

/* Serves a listening socket, which stays the caller's; `port` is that of a TCP one. NULL without resources. */
struct server *server_new(int listener, unsigned port, const struct server_limits *limits,
                          const struct server_hooks *hooks);
/* What to wait on for reading, and for how many ms at most (-1 = without end), before server_run(). */
int server_descriptor(const struct server *server);
int64_t server_patience(const struct server *server);
void server_run(struct server *server);

/* Takes no further connections; those that do nothing are closed, others end with their replies. */
void server_drain(struct server *server);
/* Gives up what still passes through. */
void server_give_up(struct server *server);
/* Requests whose reply has not been sent. */
unsigned server_busy(const struct server *server);
/* Ends all connections. No request may be with anybody. NULL is accepted. */
void server_free(struct server *server);

#endif
