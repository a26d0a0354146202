/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One thread-safe HTTP client over libcurl, for sessions and plugins alike: pooled handles and connections,
 * deadlines, cancellation, limits, no redirects, wiped buffers. libcurl is opened on the first request. Nothing of
 * curl shows here.
 *
 * Connections are leased in sets (connection_pool.h), to one call at a time, the set that last spoke to the same
 * origin first, so that one thread keeps to one connection an origin and many threads share nothing while they wait.
 */
#ifndef MSTR_HTTP_CLIENT_H
#define MSTR_HTTP_CLIENT_H

#include "base/error.h"
#include "base/limits.h"
#include "base/log.h"
#include "http/answer.h"
#include "http/options.h"

#include <mstr/provider.h>

struct http_client;

enum mstr_code http_client_new(const struct http_client_options *options, const struct log *log,
                               struct http_client **out, mstr_error *error);
void http_client_free(struct http_client *client);

/* Sends one request; `extras` may be NULL. On success *out holds the answer, whatever its status. What the request
 * held as secrets is replaced in a refusal (status 400 or above) and in the error; see sent_secrets.h. */
enum mstr_code http_send(struct http_client *client, const struct mstr_http_request *request,
                         const struct http_extras *extras, const struct limits *limits,
                         struct mstr_http_response **out, mstr_error *error);
/* Sends several side by side on the same connections and returns when all have ended. */
void http_send_many(struct http_client *client, struct mstr_http_exchange *exchanges, size_t count,
                    const struct limits *limits);

#endif
