/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The begin of a session that is one of a fleet's: with what another worker has of it, or with a login for all. Those
 * of identity tokens, of delegation, of nobody, and of a file are never shared.
 */
#ifndef MSTR_SESSION_LOGIN_FLEET_LOGIN_H
#define MSTR_SESSION_LOGIN_FLEET_LOGIN_H

#include "session/session.h"

/* Inside the gate: has a session, in place of the one at hand, which has ended, where there is one. *shared false: it
 * is to log in itself. */
enum mstr_code fleet_login(mstr_session *session, const struct limits *limits, bool *shared, mstr_error *error);

#endif
