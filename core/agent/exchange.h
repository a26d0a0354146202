/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request on its way from its head to its reply, whatever library it came by: what the head must be, how much of
 * a body is held, and who is asked when. server.c feeds it and does what each step leads to. Serving thread alone.
 */
#ifndef MSTR_AGENT_EXCHANGE_H
#define MSTR_AGENT_EXCHANGE_H

#include "connections.h"
#include "hooks.h"

enum { EXCHANGE_HEADERS = 100 };

struct exchange {
    struct request request; /* first: request->answer() gets its address */
    const struct server_hooks *hooks;
    struct connection *connection;
    char *target;
    struct request_header headers[EXCHANGE_HEADERS];
    size_t header_octets;
    bool begun;    /* its head was read */
    bool finished; /* its reply is filled in, or will be */
    bool too_large;
};

/* What is to be done with it. */
enum step {
    STEP_GO_ON, /* more of it is to come, or its reply */
    STEP_PAUSE, /* nothing, until its reply is there: it is to be held up, and then exchange_dispatch() called */
    STEP_REPLY  /* its reply is to be sent */
};

/* Its target is there. */
void exchange_begin(struct exchange *exchange, struct connection *connection, const struct server_hooks *hooks,
                    const char *target);
/* Its first line is, whose texts live as long as it does. */
void exchange_read_line(struct exchange *exchange, const char *method, const char *version);
/* A header, whose texts live as long as it does. False if there are too many. */
bool exchange_add_header(struct exchange *exchange, const struct request_header *header);
/* The head is complete; `malformed` where it has more than one meaning. `most` octets are taken, and `port` is that
 * of the TCP listener. */
enum step exchange_read_head(struct exchange *exchange, bool malformed, size_t most, unsigned port);
/* Some of the body: how much of it was taken. */
size_t exchange_take_body(struct exchange *exchange, const char *octets, size_t length);
/* The body has ended; again whenever something may have come of it. */
enum step exchange_end_body(struct exchange *exchange);
/* Hands it to whoever answers it. */
void exchange_dispatch(struct exchange *exchange);
/* It has ended, and is wiped. */
void exchange_end(struct exchange *exchange);

#endif
