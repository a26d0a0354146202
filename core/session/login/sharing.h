/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a session has of a fleet: its seat, and what the others know of the session. It follows what others are told
 * by the server, and tells them what it is told itself. Where it has no seat nothing of this does anything.
 */
#ifndef MSTR_SESSION_LOGIN_SHARING_H
#define MSTR_SESSION_LOGIN_SHARING_H

#include "session/session.h"

/* Whether the session is one of a fleet's. */
bool sharing_is_on(mstr_session *session);
/* Takes up what others have made of the session meanwhile; costs nothing where that is nothing. */
void sharing_follow(mstr_session *session);
/* The server has answered: tells the others what it has changed. */
void sharing_note(mstr_session *session);
/* Leaves the fleet. True where the caller is to log out, for all. */
bool sharing_leave(mstr_session *session);

/* For the login. All but sharing_put_state() and sharing_leave_seat() are called with the mutex of `sharing` held. */

/* The state as the others read it, to be released; NULL without one, or without memory. */
mstr_secret *sharing_put_state(mstr_session *session, mstr_error *error);
/* Makes a state the session's. */
enum mstr_code sharing_take_up(mstr_session *session, const mstr_secret *state, mstr_error *error);
/* What the session has now is what the others have. False without memory. */
bool sharing_note_known(mstr_session *session);
/* Takes the seat out of the session, with what belongs to it; then leaves it, as above, which ends what keeps the
 * session alive. NULL is accepted. */
struct fleet_seat *sharing_stand_up(struct sharing *sharing, mstr_cancel **cancel);
bool sharing_leave_seat(struct fleet_seat *seat, mstr_cancel *cancel);

#endif
