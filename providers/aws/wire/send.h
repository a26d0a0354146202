/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One call of an AWS service, of those that keep secrets and of those on the way to an identity: signed where there
 * are keys, sent to where the service is, and sent again where that makes sense.
 */
#ifndef MSTR_PROVIDERS_AWS_WIRE_SEND_H
#define MSTR_PROVIDERS_AWS_WIRE_SEND_H

#include "aws/wire/endpoint.h"
#include "aws/wire/keys.h"
#include "aws/wire/retry_policy.h"

struct aws_call {
    const struct configuration *config;
    struct aws_retry_policy *retry_policy; /* NULL = none is kept */
    const struct aws_service *service;
    const char *endpoint; /* a URL that comes before all others, NULL = none */
    const char *region;
    const char *action; /* for messages, and after the prefix of X-Amz-Target */
    const char *prefix; /* "secretsmanager."; NULL = the query protocol, whose body is a form, or REST */
    const char *path;   /* of REST, with its query; NULL = the other two */
    const char *body;   /* NULL = none, and the method is GET */
    size_t body_length;
    bool once;     /* what the body holds is good for one attempt alone */
    bool decrypts; /* needs the permission to decrypt, too */

    /* What proves who we are without keys, in this header, appended anew for each attempt. NULL = nothing. */
    const char *proof_header;
    enum mstr_code (*prove)(const void *data, const char *url, int64_t now, struct buffer *proof,
                            struct mstr_error *error);
    bool proves_now; /* and holds around that time alone: any refusal may be a matter of the clock */
    /* Tells a refusal; NULL = service_error_tell() does. */
    enum mstr_code (*tell)(const void *data, const struct mstr_http_response *response, struct mstr_error *error);
    const void *data;
};

/* MSTR_OK with an answer of status 200, which the caller frees; else the error is told in full. Without keys it is
 * sent unsigned. */
enum mstr_code aws_send(const struct aws_call *request, struct aws_keys *keys, const struct mstr_call *call,
                        struct mstr_http_response **answer, struct mstr_error *error);

#endif
