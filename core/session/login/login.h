/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The login itself: what the chosen mode needs is resolved, sent, and wiped. For those who are inside the session's
 * `login` gate.
 */
#ifndef MSTR_SESSION_LOGIN_LOGIN_H
#define MSTR_SESSION_LOGIN_LOGIN_H

#include "config/login_mode.h"
#include "session/session.h"

/* Resolves the credentials and logs in. */
enum mstr_code session_log_in(mstr_session *session, const struct limits *limits, mstr_error *error);
/* Which account a login would be of: the mode, and the user or API key that it needs first, to be released; NULL
 * where a session of this mode is nobody else's affair. The base URL, for free(), is put into the session too. */
enum mstr_code session_find_account(mstr_session *session, const struct limits *limits,
                                    const struct login_mode **mode, mstr_secret **user, char **base,
                                    mstr_error *error);
/* Whether what a login would send was refused before, by a record that others have written; told in `error`. */
bool session_is_refused(mstr_session *session, const struct refusal_record *record, const struct limits *limits,
                        mstr_error *error);
/* Whether there is anything to log in with; for who has session_prepare() behind. */
bool session_can_log_in(const mstr_session *session);
/* Takes up a session that was opened elsewhere, by its token, or by the cookies of every request where that is
 * NULL. */
enum mstr_code session_adopt(mstr_session *session, const mstr_secret *token, const struct limits *limits,
                             mstr_error *error);

#endif
