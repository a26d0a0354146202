/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A login that is only to see whether it works (MSTR_SESSION_TRIAL): by the record that all such logins of the user
 * keep together (saved/login_record.h), once a minute and account. For those who are inside the session's `login`
 * gate.
 */
#ifndef MSTR_SESSION_LOGIN_TRIAL_H
#define MSTR_SESSION_LOGIN_TRIAL_H

#include "session/login/login_values.h"

/* Logs in, unless it is too early or the same was refused lately. Where no record can be kept, that is logged. */
enum mstr_code trial_log_in(mstr_session *session, const struct login_values *values, const struct limits *limits,
                            mstr_error *error);

#endif
