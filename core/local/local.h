/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP/1.1 over a Unix socket, client only. A listener that is neither this user's own process, nor root's, nor one's
 * who may own it, gets nothing. Each request carries "Expect: 100-continue", which whoever listens answers at once,
 * with whatever it has: by that a peer that hangs is found out within connection_patience, before it has the body, or
 * the end of an empty one; the answer then has as long as the caller's limits, which "X-Mstr-Timeout" tells it. What
 * must not be done twice and was held back until the connection broke is told by the step "connect", as where nobody
 * listens. Connections are kept and used again. Thread-safe; holds no lock while it sends or waits.
 */
#ifndef MSTR_LOCAL_LOCAL_H
#define MSTR_LOCAL_LOCAL_H

#include "local/answer.h"
#include "local/connection.h"

#include <mstr/provider.h>

struct local;

/* `owner` may listen beside this user and root. NULL without resources. */
struct local *local_new(const char *path, uid_t owner);
/* Closes what is kept; no request may be under way. NULL is accepted. */
void local_free(struct local *local);
const char *local_path(const struct local *local);

/* Gives octets of a body in their order: how many, 0 at the end, -1 where it gives up. */
typedef int64_t (*local_read_fn)(void *into, size_t capacity, void *data);

struct local_request {
    const char *method;
    const char *target;                /* path and query as they are sent: visible ASCII */
    const struct mstr_header *headers; /* up to one without a name; NULL = none */
    const void *body;
    size_t length;
    local_read_fn read; /* gives a body of any length in the place of `body`: `length` octets, where that is not 0, or
                           as many as there are; NULL = none does */
    void *read_data;
    bool again;           /* it does no harm twice: sent once more where a connection broke */
    size_t answer_limit;  /* of the body; 0 = 1 MiB */
    answer_body_fn write; /* takes the body of a success in the place of answer.body; NULL = none does */
    void *write_data;
};

/* Sends it, and waits for the whole answer, which is to be released whatever the outcome. The error is told unless
 * that is LOCAL_ANSWERED. */
enum local_outcome local_send(struct local *local, const struct local_request *request, const struct limits *limits,
                              struct local_answer *answer, mstr_error *error);

#endif
