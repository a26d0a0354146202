/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Telling the server that a session has ended.
 */
#ifndef MSTR_SESSION_LOGIN_LOGOUT_H
#define MSTR_SESSION_LOGIN_LOGOUT_H

#include "session/saved/snapshot.h"
#include "session/session.h"

/* A logout may take this long, ms, whatever the session's own timeout; and one after a cancellation or the
 * deadline, which is not to be felt. */
enum { LOGOUT_TIMEOUT = 5000, LOGOUT_TIMEOUT_LATE = 1000 };

/* Asks the server to end the session; `options` NULL = within 5 s. MSTR_OK too if it has ended already. */
enum mstr_code session_log_out(mstr_session *session, const mstr_call_options *options, mstr_error *error);
/* mstr_session_close() within other limits. */
enum mstr_code session_close(mstr_session *session, const mstr_call_options *options, mstr_error *error);
/* Asks the server, within 5 s, to end another session with it, unless that is shared with its creator. */
void session_log_out_replaced(mstr_session *session, const struct snapshot *replaced);
/* Logs out a session that is not this one, but of its server. */
enum mstr_code session_log_out_other(mstr_session *session, const struct snapshot *other, const struct limits *limits,
                                     mstr_error *error);
/* The same of one that a fleet shares, as its record holds it; what stands there is believed for this server, `base`,
 * alone. True where the server has confirmed it. */
bool session_log_out_shared(mstr_session *session, const mstr_secret *state, const char *base,
                            const struct limits *limits);

#endif
