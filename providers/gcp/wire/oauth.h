/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks OAuth token endpoints (RFC 6749, 7523, 8693) and reads their answers, with the retries that Google's libraries
 * make and refusals that tell what to do.
 */
#ifndef MSTR_PROVIDERS_GCP_WIRE_OAUTH_H
#define MSTR_PROVIDERS_GCP_WIRE_OAUTH_H

#include "base/buffer.h"
#include "base/json.h"
#include "sdk/token.h"

#define SCOPE_CLOUD_PLATFORM "https://www.googleapis.com/auth/cloud-platform"

struct oauth_request {
    const char *url;
    const struct buffer *form;
    const char *client_id; /* NULL = no Basic authentication */
    const char *client_secret;
    const char *cert_file; /* TLS client certificate, NULL = none */
    const char *key_file;
    /* Appends to each attempt's form what is good for a short time only. NULL = nothing. */
    enum mstr_code (*prove)(const void *data, int64_t now, struct buffer *form, struct mstr_error *error);
    const void *data;
};

/* Posts the form and reads the token of its answer. */
enum mstr_code oauth_token(const struct mstr_instance *instance, const struct oauth_request *request,
                           const struct mstr_call *call, struct token *token, struct mstr_error *error);
/* Reads {"access_token", "expires_in"}. */
enum mstr_code oauth_read_token(const struct mstr_http_answer *answer, const char *who, struct token *token,
                                struct mstr_error *error);
/* True for an answer that may be better the next time: a status, or one of the error words that Google documents. */
bool oauth_is_passing(int status, struct json_object *body);

#endif
