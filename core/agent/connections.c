/* SPDX-License-Identifier: Apache-2.0 */
/* The connections of a server. */
#include "connections.h"

#include "base/clock.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { SWEEP = 250 }; /* ms from one to the next */

struct connection *connections_add(struct connections *connections, int fd)
{
    struct connection *connection = calloc(1, sizeof(*connection));
    if (connection == NULL) {
        return NULL;
    }
    *connection = (struct connection){.next = connections->first, .link = &connections->first, .fd = fd};
    connections_enter(connection, PHASE_HEAD);
    if (connection->next != NULL) {
        connection->next->link = &connection->next;
    }
    connections->first = connection;
    return connection;
}

void connections_remove(struct connection *connection)
{
    *connection->link = connection->next;
    if (connection->next != NULL) {
        connection->next->link = connection->link;
    }
    free(connection);
}

void connections_enter(struct connection *connection, enum phase phase)
{
    connection->phase = phase;
    connection->since = connection->heard = clock_monotonic();
}

void connections_hear(struct connection *connection)
{
    connection->heard = clock_monotonic();
}

void connections_refuse(struct connection *connection, const struct reply *reply)
{
    struct buffer text = BUFFER_INIT;
    const char *name = NULL;
    const char *value = NULL;
    connection->refused = true;
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

static bool has_had_its_time(const struct connections *connections, const struct connection *connection, int64_t now)
{
    int64_t time = connection->phase == PHASE_HEAD ? connections->head_timeout : connections->idle;
    bool stalled = connection->phase == PHASE_BODY && now - connection->heard >= connections->stall;
    return connection->phase != PHASE_BUSY && (stalled || now - connection->since >= time);
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

static bool is_over(const struct request *request, int64_t now)
{
    return request->deadline != 0 && now >= request->deadline;
}

static void give_up(struct connections *connections, struct connection *connection)
{
    struct request *request = connection->pending;
    connection->pending = NULL;
    if (request != NULL) {
        connections->give_up(connections->data, request);
    }
}

void connections_sweep(struct connections *connections)
{
    int64_t now = clock_monotonic();
    if (now - connections->swept < SWEEP) {
        return;
    }
    connections->swept = now;
    for (struct connection *connection = connections->first; connection != NULL; connection = connection->next) {
        if (has_had_its_time(connections, connection, now)) {
            shutdown(connection->fd, SHUT_RDWR);
        }
        if (connection->pending != NULL && (is_over(connection->pending, now) || has_gone(connection))) {
            give_up(connections, connection);
        }
    }
}

int64_t connections_patience(const struct connections *connections)
{
    return connections->first != NULL ? SWEEP : -1;
}

void connections_give_up(struct connections *connections)
{
    for (struct connection *connection = connections->first; connection != NULL; connection = connection->next) {
        give_up(connections, connection);
    }
}

void connections_end_idle(struct connections *connections)
{
    for (const struct connection *connection = connections->first; connection != NULL;
         connection = connection->next) {
        if (connection->phase == PHASE_IDLE) {
            shutdown(connection->fd, SHUT_RDWR);
        }
    }
}
