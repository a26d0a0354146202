/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who answers a session's sendings: a transport that the program mounted for the URL, else the HTTP client.
 */
#ifndef MSTR_SESSION_PARTS_TRANSPORT_H
#define MSTR_SESSION_PARTS_TRANSPORT_H

#include "http/client.h"

#include <mstr/transport.h>

struct mount {
    struct mount *next;
    char *prefix;
    mstr_transport_fn send;
    void *data;
    void (*free_data)(void *);
};

struct transports {
    struct mount *first;
};

/* As http_send(), by whatever is mounted for the URL. */
enum mstr_code transport_send(const struct transports *transports, struct http_client *client,
                              const struct mstr_http_request *request, const struct http_extras *extras,
                              const struct limits *limits, struct mstr_http_response **out, mstr_error *error);
/* As mstr_session_mount(). */
enum mstr_code transports_mount(struct transports *transports, const char *prefix, mstr_transport_fn send, void *data,
                                void (*free_data)(void *));
/* How long the request's body is, where mstr_transport_read_body() gives it; 0 where nobody knows. */
size_t transport_body_length(const mstr_transport_reply *reply);
void transports_release(struct transports *transports);

#endif
