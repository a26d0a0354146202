/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeping an idle session from ending: a thread of the session's own sends PUT sessions when nothing else went to the
 * server for half of the server's idle timeout. It never logs in: a session that has ended is left to the next
 * request.
 */
#ifndef MSTR_SESSION_LOGIN_KEEPALIVE_H
#define MSTR_SESSION_LOGIN_KEEPALIVE_H

#include "session/session.h"

/* After how many ms the server ends the session where it is idle; 0 where it does not tell, which is told. */
int64_t keepalive_find_idle(mstr_session *session, const struct limits *limits, mstr_error *error);
/* Begins after a login, where the settings wish so and it has not begun. Without a thread to be had, nothing
 * happens. */
void keepalive_start(mstr_session *session);
/* One PUT sessions, told and logged. MSTR_E_SESSION: it has ended. */
enum mstr_code keepalive_once(mstr_session *session, mstr_cancel *cancel);
/* Ends it and waits for that, at most as long as a cancelled request takes. */
void keepalive_stop(mstr_session *session);

#endif
