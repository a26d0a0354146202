/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one way in which plugins send requests, for identities and secrets alike, one or several side by side: with the
 * limits and the trust of their service, again by its retry policy, by its clock, never past the caller's deadline.
 * What differs, the service does itself: it puts the request of each attempt together, and reads its answers.
 */
#ifndef MSTR_PROVIDERS_SDK_REQUEST_H
#define MSTR_PROVIDERS_SDK_REQUEST_H

#include "sdk/attempt.h"

/* How a service is spoken to: a row of constants for each. */
struct traffic {
    struct retry_policy retry;
    uint32_t flags;          /* MSTR_HTTP_… */
    int64_t connect_timeout; /* ms */
    int64_t timeout;         /* ms, for one attempt */
    size_t answer_limit;     /* octets; 0 = the host's */
};

/* A request that is to come to an answer, however many attempts that takes. What it points to is borrowed. */
struct request {
    const struct traffic *traffic;
    const char *ca_file;       /* whom TLS trusts; NULL = as the host does */
    struct retry_quota *quota; /* NULL = there is none */
    struct clock_skew *clock;  /* the service's; NULL = it is not corrected */
    struct mstr_error *error;  /* is told why not; NULL = nowhere */

    const struct mstr_http_request *fixed; /* what each attempt sends; NULL = only what is prepared */
    /* Completes the request of an attempt; what it points to lasts until the answer is read. Without a URL it is held
     * until others of its batch are further. A failure is final. Limits and trust that are left open are those of the
     * service. NULL = nothing is to be done. */
    enum mstr_code (*prepare)(void *data, struct attempt *attempt, struct mstr_http_request *http,
                              struct mstr_error *error);
    /* Reads an answer of any status, and tells what is no success. NULL = any answer will do. */
    enum mstr_code (*read)(void *data, struct attempt *attempt, struct mstr_http_response *response,
                           struct mstr_error *error);
    void *data;

    bool keeps_answer;                 /* of a success, for the caller to free */
    struct mstr_http_response *answer; /* that one */
    enum mstr_code code;               /* what became of it */

    /* On the way, of no concern to the caller: */
    struct attempt attempt;
    struct mstr_http_request http;
    int64_t due; /* of the next attempt, monotonic ms */
    bool held;
    bool done;
};

/* Sends one; returns its code. */
enum mstr_code request_send(struct request *request, const struct mstr_call *call);
/* Sends several side by side; each has its own fate. */
void request_send_many(struct request *requests, size_t count, const struct mstr_call *call);

#endif
