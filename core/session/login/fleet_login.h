/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The begin of a session that is one of a fleet's: with what another worker has of it, or with a login for all. Those
 * of identity tokens, of delegation, of nobody, and of a file are never shared.
 */
#ifndef MSTR_SESSION_LOGIN_FLEET_LOGIN_H
#define MSTR_SESSION_LOGIN_FLEET_LOGIN_H

#include "fleet/fleet.h"
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

/* Whose the session would be: its account in its fleet. */
struct fleet_whose {
    struct fleet *fleet;      /* NULL = it is not to be shared */
    struct fleet_scope scope; /* of what follows */
    struct buffer user;
    char *base;
};
/* For who is inside the session's `login` gate; to be released in any case. */
enum mstr_code fleet_login_whose(mstr_session *session, const struct limits *limits, struct fleet_whose *whose,
                                 mstr_error *error);
void fleet_whose_release(struct fleet_whose *whose);

#endif
