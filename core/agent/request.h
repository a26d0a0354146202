/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request as the routes get it, and the reply that they fill in. Whatever is in either may be secret and is wiped.
 */
#ifndef MSTR_AGENT_REQUEST_H
#define MSTR_AGENT_REQUEST_H

#include "base/buffer.h"
#include "peer.h"

#include <mstr/error.h>
#include <stdint.h>

struct reply {
    int status;            /* 0 until it is known */
    const char *type;      /* media type; NULL = no body */
    struct buffer headers; /* name NUL value NUL, and so on */
    struct buffer body;
    bool close;     /* the connection ends behind it */
    bool streamed;  /* the body comes from the request's flow instead, */
    int64_t length; /* with so many octets; -1 = unknown */
};

/* A header as it came; no NUL ends the texts of an odd one. */
struct request_header {
    const char *name;
    size_t name_length;
    const char *value;
    size_t value_length;
};

struct request {
    const char *method;
    const char *target; /* as it came, with its query */
    bool old;           /* HTTP/1.0 */
    const struct request_header *headers;
    size_t header_count;
    struct peer peer;
    struct buffer body;
    bool whole;        /* that is all of it */
    bool streams;      /* set with its route: a longer body passes through, and so does the reply's */
    struct flow *flow; /* by which they do; NULL = not yet. The server has one ownership of it */
    int64_t deadline;  /* clock_monotonic() ms, after which it is given up; 0 = none */
    int64_t began;     /* clock_monotonic() ms, when its first line was there */
    struct reply reply;
    const struct route *route;     /* that answers it; NULL = refused before one was found */
    struct generation *generation; /* by which it is answered from its head to its end (contexts.h) */
    void *own;                     /* of the route */
    /* To be called once the reply is filled in, where that took time. From any thread. */
    void (*answer)(struct request *request);
    /* Holds it up until then. Serving thread only. */
    void (*pause)(struct request *request);
};

/* The value of the first header of that name, whatever its letters' case; NULL if there is none. */
const char *request_header(const struct request *request, const char *name);

/* How long its client waits, ms; left as it is where that is not said. False for what is no duration. */
bool request_timeout(const struct request *request, int64_t *timeout);

/* A header of the reply. One whose value has control octets, as those of a store may, is left out. */
void reply_header(struct reply *reply, const char *name, const char *value);
/* The next header; `at` begins with 0. False past the last. */
bool reply_header_next(const struct reply *reply, size_t *at, const char **name, const char **value);
/* Makes it a JSON document, whose text is then appended to reply->body. */
void reply_json(struct reply *reply, int status);
/* A problem (RFC 9457): `title` is one of few words, `detail` a sentence. */
void reply_problem(struct reply *reply, int status, const char *title, const char *detail, ...) MSTR_PRINTF(4, 5);
/* The same of an error, with all that it tells; the status follows from its class. */
void reply_error(struct reply *reply, const mstr_error *error);
/* 409: the caller's settings for a scheme or a profile (`what`) are others than the agent's. */
void reply_difference(struct reply *reply, const char *what, const char *name, const char *setting);
/* 429 or 503 with the pause, in seconds, after which it may be tried again. */
void reply_busy(struct reply *reply, int status, unsigned seconds, const char *detail);
/* A refusal as the REST API's clients read it: a code, and a sentence. This and a problem have the header
 * X-Mstr-Agent (busy, failure or refusal), by which they are told from what a server says. */
void reply_rest(struct reply *reply, int status, const char *code, const char *message);
/* The same of an error, with all that it tells, for a client that is libmstr. */
void reply_rest_error(struct reply *reply, const mstr_error *error);
/* Appends an error as an object: "class", "message" and what else it tells. */
void reply_put_error(struct buffer *out, const mstr_error *error);
/* Wipes and frees. */
void reply_release(struct reply *reply);

#endif
