/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connections of a server: whose they are, and how long each may go on with what it is doing. Their sockets are
 * the server's; nothing is read here, and only who is refused is written to. Serving thread alone.
 */
#ifndef MSTR_AGENT_CONNECTIONS_H
#define MSTR_AGENT_CONNECTIONS_H

#include "request.h"

/* What a connection is doing, by which its time is bounded. A new one has its head to send; idle is who has had an
 * answer. */
enum phase { PHASE_IDLE, PHASE_HEAD, PHASE_BODY, PHASE_BUSY };

struct connection {
    struct connection *next;
    struct connection **link;
    int fd;
    struct peer peer;
    enum phase phase;
    int64_t since;           /* of the phase */
    int64_t heard;           /* when something of a body came last */
    bool refused;            /* nothing of it is served */
    struct request *pending; /* that is with somebody; NULL = none, or it was given up */
};

/* Without a first one, and with what is to be done, as a server begins. */
struct connections {
    int64_t head_timeout; /* ms */
    int64_t idle;         /* and for a body that is held */
    int64_t stall;        /* of a body */
    /* A request's client has gone, or its deadline has passed. Once. */
    void (*give_up)(void *data, struct request *request);
    void *data;
    struct connection *first;
    int64_t swept;
};

/* One that was accepted; NULL without memory. */
struct connection *connections_add(struct connections *connections, int fd);
void connections_remove(struct connection *connection);
void connections_enter(struct connection *connection, enum phase phase);
/* Some of a body has come. */
void connections_hear(struct connection *connection);
/* Answers one that is not to be served, and ends it. What does not fit at once is lost. */
void connections_refuse(struct connection *connection, const struct reply *reply);

/* Ends those that have had their time, and gives up for whom nobody waits any more; to be called that often. */
void connections_sweep(struct connections *connections);
/* ms until then; -1 = nothing is to be done. */
int64_t connections_patience(const struct connections *connections);
/* Gives up all that is with somebody. */
void connections_give_up(struct connections *connections);
/* Ends those that do nothing. */
void connections_end_idle(struct connections *connections);

#endif
