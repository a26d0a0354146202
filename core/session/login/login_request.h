/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The requests that begin a session: what they carry, and what their answers mean. Each is sent once. For those who
 * are inside the session's `login` gate, once the session has its base URL.
 */
#ifndef MSTR_SESSION_LOGIN_LOGIN_REQUEST_H
#define MSTR_SESSION_LOGIN_LOGIN_REQUEST_H

#include "session/login/login_values.h"

/* Posts the values to auth/login, or to auth/delegate where they are an identity token. */
enum mstr_code login_request_post(mstr_session *session, const struct login_values *values,
                                  const struct limits *limits, mstr_error *error);
/* Asks auth/token for the session that the cookies of every request belong to. */
enum mstr_code login_request_token(mstr_session *session, const struct limits *limits, mstr_error *error);

#endif
