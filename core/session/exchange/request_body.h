/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The body of a request in the one form that it is sent in, whichever of its kinds the program gave: octets in
 * memory, or an upload. Used by one thread.
 */
#ifndef MSTR_SESSION_EXCHANGE_REQUEST_BODY_H
#define MSTR_SESSION_EXCHANGE_REQUEST_BODY_H

#include "session/parts/multipart.h"
#include "session/parts/stream.h"

struct request_body {
    const void *octets; /* NULL = none, or an upload */
    size_t length;
    const char *content_type; /* NULL = no body */
    bool streamed;
    struct upload upload; /* where it is streamed */

    struct buffer text; /* of a form, or of a content type with its boundary */
    struct multipart *multipart;
    int file;
};

/* Begin with REQUEST_BODY_INIT; release in any case. MSTR_E_USAGE when there is more than one body or it cannot be
 * sent. */
#define REQUEST_BODY_INIT                                                                                            \
    {                                                                                                                \
        .text = BUFFER_INIT, .file = -1                                                                              \
    }
enum mstr_code request_body_open(struct request_body *body, const mstr_session_request *request, mstr_error *error);
void request_body_release(struct request_body *body);

#endif
