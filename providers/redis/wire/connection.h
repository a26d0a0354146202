/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection to a server of the store, over TCP, TLS or a Unix socket. Who we are is told with the first command,
 * in one write. A connection that has failed once is of no more use: replies could be taken for those of others.
 */
#ifndef MSTR_PROVIDERS_REDIS_WIRE_CONNECTION_H
#define MSTR_PROVIDERS_REDIS_WIRE_CONNECTION_H

#include "base/buffer.h"
#include "redis/wire/resolver.h"
#include "redis/wire/resp.h"
#include "redis/wire/tls.h"

#include <sys/types.h>

/* What all connections of a store share. */
struct dial {
    const struct settings *settings;
    struct resolver resolver;
    struct tls_side tls;
};

enum connection_kind {
    CONNECTION_SERVER,
    CONNECTION_PRIMARY, /* a server that must be one, as Sentinels said it is */
    CONNECTION_SENTINEL
};

struct connection {
    struct connection *next; /* for whoever keeps them */
    pid_t process;           /* whose it is: a child that was forked uses its own */
    struct endpoint endpoint;
    enum connection_kind kind;
    bool ready;   /* who we are was told and taken */
    bool spent;   /* it is of no more use */
    bool used;    /* a command was answered */
    int64_t idle; /* since when, monotonic, ms */
    const struct settings *settings;
    int fd;
    struct tls *tls; /* NULL = none */
    struct resp_reader *reader;
};

bool dial_init(struct dial *dial, const struct settings *settings);
void dial_destroy(struct dial *dial);

/* *connection is NULL after a failure. */
enum mstr_code connection_open(struct dial *dial, const struct endpoint *endpoint, enum connection_kind kind,
                               const struct wait *wait, struct connection **connection, struct mstr_error *error);
/* NULL is accepted. */
void connection_close(struct connection *connection);

/* Sends `count` commands, and gives the last one's reply, to be freed with resp_free(); or the first of the replies
 * that say why it cannot be used, such as a refused password: then it is spent. */
enum mstr_code connection_ask(struct connection *connection, const struct buffer *commands, size_t count,
                              const struct wait *wait, struct resp **reply, struct mstr_error *error);
/* Octets whose reply comes by connection_receive(). */
enum mstr_code connection_send(struct connection *connection, const char *octets, size_t length,
                               const struct wait *wait, struct mstr_error *error);
/* One more reply. After MSTR_E_TIMEOUT the connection is as good as before. */
enum mstr_code connection_receive(struct connection *connection, const struct wait *wait, struct resp **reply,
                                  struct mstr_error *error);
/* Whether it can be used again: not spent, this process's, and nothing has come of itself. */
bool connection_is_good(const struct connection *connection);
/* What a store must never repeat to the user: its password; NULL = there is none. */
const char *connection_hidden(const struct connection *connection);

#endif
