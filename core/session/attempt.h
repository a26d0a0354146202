/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One sending of an exchange to the server. Logins and the keeping alive are one attempt each; requests of a program
 * make as many as exchange/exchange.c sees fit.
 */
#ifndef MSTR_SESSION_ATTEMPT_H
#define MSTR_SESSION_ATTEMPT_H

#include "session/parts/stream.h"
#include "session/session.h"

/* Octets of the answers that the session itself asks for: what begins or ends it has a few hundred; a list of
 * projects, or of privileges in each, has about 300 for a project. */
enum { SESSION_ANSWER_LIMIT = 1024 * 1024, SESSION_LIST_LIMIT = 32 * 1024 * 1024 };

/* What is to be exchanged with the server: the request as it goes out, and what its answer may change. */
struct exchange {
    uint64_t number; /* for events, 0 = a new one */
    const char *method;
    const char *url;
    const struct mstr_header *headers; /* the caller's own */
    size_t header_count;
    const void *body;
    size_t body_length;
    struct upload *upload;             /* in place of the body, NULL = none */
    struct download *download;         /* takes the answer's body, NULL = it is kept */
    const char *content_type;          /* NULL = none */
    const char *project_id;            /* NULL = none */
    const struct mstr_header *cookies; /* beside the session's */
    size_t cookie_count;
    const mstr_network *network; /* the request's own, NULL = the session's */
    size_t response_limit;       /* octets; 0 = 256 MiB */
    const char *const *secrets;  /* NULL, or what of the body is secret whatever its name, up to a NULL */
    bool authenticated;          /* session_exchange() is to send the token */
    bool foreign;                /* to another origin: nothing of the session goes out or comes in */
    bool keep_redirects;
    bool awaited;              /* also after a cancellation, as MSTR_REQUEST_AWAIT_ANSWER says */
    struct buffer *moving;     /* what holds the URL, which session_exchange() writes anew where a renewal has moved
                                * the base within its origin; NULL = it stays */
    size_t base_length;        /* of the base that it begins with */
    const mstr_secret *token;  /* what session_attempt() sends, NULL = none */
    bool login;                /* begins a session: no cookies go out, and the answer replaces token and cookies */
    bool delegated;            /* with login: somebody else's session is shared */
    const struct cookies *jar; /* of another session with the same server, which the answer leaves alone as it does
                                * this one; NULL = the session's own */
};

/* One sending, with the session's cookies and follows redirects within the origin; takes cookies and a rotated token
 * from the answer. MSTR_OK with an answer of any status; MSTR_E_PROTOCOL with the answer where a token or
 * cookie in it cannot be sent back; of a login also any other failure with the answer as far as it came. */
enum mstr_code session_attempt(mstr_session *session, const struct exchange *exchange, const struct limits *limits,
                               struct mstr_http_response **out, mstr_error *error);

/* Copies `told`, which may quote answers that were no refusal by their status, to the caller's error, and takes what
 * the session sends out of both: its token, cookies and headers. */
void session_tell(mstr_session *session, mstr_error *told, mstr_error *error);

#endif
