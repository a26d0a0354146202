/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logging in, by one thread at a time: on the program's wish, and again when the server has ended the session.
 * Threads that meet the same expiry wait for the one that logs in and share what comes of it, a failure too: each
 * trying the same refused password on its own would lock the account.
 */
#ifndef MSTR_SESSION_LOGIN_OPENING_H
#define MSTR_SESSION_LOGIN_OPENING_H

#include "session/session.h"

/* Logs in again unless another thread, or another process in the file that keeps the session, has replaced the
 * `expired` token meanwhile. MSTR_OK with *renewed false: there is nothing to log in with. */
enum mstr_code session_renew(mstr_session *session, const mstr_secret *expired, const struct limits *limits,
                             bool *renewed, mstr_error *error);

#endif
