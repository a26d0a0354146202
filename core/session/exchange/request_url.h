/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a request goes: its path below the base URL, or the URL of another origin where it says that it may, with the
 * parameters of the session and its own.
 */
#ifndef MSTR_SESSION_EXCHANGE_REQUEST_URL_H
#define MSTR_SESSION_EXCHANGE_REQUEST_URL_H

#include "session/session.h"

/* Whether the request asks another origin, which it says it may: nothing of the session goes there. */
bool request_url_is_foreign(const mstr_session_request *request, const char *base);
/* Appends the URL; `base` in normal form. */
enum mstr_code request_url_put(mstr_session *session, const mstr_session_request *request, const char *base,
                               struct buffer *url, mstr_error *error);

#endif
