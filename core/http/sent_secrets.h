/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of a request is secret, by the names under which it stands, and answers that do not repeat it. Asked only when
 * something failed: a server, or a proxy before it, that echoes a password or a token in its refusal must not bring
 * it into an error, a log line or an event.
 */
#ifndef MSTR_HTTP_SENT_SECRETS_H
#define MSTR_HTTP_SENT_SECRETS_H

#include "base/error.h"
#include "http/options.h"
#include "secret/secret_filter.h"

/* Adds what the request holds in headers (tokens, cookies, credentials), in its query and in a body of form fields or
 * JSON, and what `extras` (NULL = nothing) has for proxy, key and server. */
void sent_secrets_add(const struct mstr_http_request *request, const struct http_extras *extras,
                      struct secret_filter *filter);
/* Takes what was sent as a secret out of `response`, if its status is 400 or above, and out of `error`; both may be
 * NULL. Cookies that the response sets stay as they are: they are state, and never told. False where memory ran out:
 * then texts were hidden whole. */
bool sent_secrets_hide(const struct mstr_http_request *request, const struct http_extras *extras,
                       struct mstr_http_response *response, mstr_error *error);

#endif
