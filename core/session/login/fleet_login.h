/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The begin of a session that is one of a fleet's: with what another worker has of it, or with a login for all. Those
 * of identity tokens, of delegation, of nobody, and of a file are never shared.
 */
#ifndef MSTR_SESSION_LOGIN_FLEET_LOGIN_H
#define MSTR_SESSION_LOGIN_FLEET_LOGIN_H

#include "session/session.h"

enum fleet_share_kind {
    FLEET_NOT_SHARED, /* the session is to log in itself */
    FLEET_TAKEN,      /* it is another worker's */
    FLEET_OWN_LOGIN,  /* for all */
    FLEET_OWN_ALONE   /* which nobody else knows of yet */
};

/* Inside the gate: has a session, in place of the one at hand, which has ended, where there is one. */
enum mstr_code fleet_login(mstr_session *session, const struct limits *limits, enum fleet_share_kind *kind,
                           mstr_error *error);

#endif
