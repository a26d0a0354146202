/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logins by the memory of those that were refused (secret/refusals.h, and what other processes left in the session's
 * `refused_elsewhere`), so that no repetition locks an account: the same is not sent again, and values that may be
 * old are looked for anew. For those who are inside the session's `login` gate.
 */
#ifndef MSTR_SESSION_LOGIN_REFUSED_LOGIN_H
#define MSTR_SESSION_LOGIN_REFUSED_LOGIN_H

#include "session/login/login_values.h"

/* Logs in, unless the same was refused lately. *look tells whether a refusal is worth a look for better values. */
enum mstr_code refused_login_try(mstr_session *session, const struct login_values *values,
                                 const struct limits *limits, bool *look, mstr_error *error);
/* The same, and, where values of the cache are refused, once more with those that the store has now, if they are
 * others. */
enum mstr_code refused_login_try_twice(mstr_session *session, const struct login_values *values,
                                       const struct limits *limits, mstr_error *error);
/* Fetches values of the cache anew that others were refused. */
enum mstr_code refused_login_freshen(mstr_session *session, struct login_values *values, const struct limits *limits,
                                     mstr_error *error);
/* Whether a login with these values is not sent, by a record that others have written; told in `error`. */
bool refused_login_waits(mstr_session *session, const struct login_values *values,
                         const struct refusal_record *record, mstr_error *error);

#endif
