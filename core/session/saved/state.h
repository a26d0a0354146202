/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state of a session to a snapshot, and back.
 */
#ifndef MSTR_SESSION_SAVED_STATE_H
#define MSTR_SESSION_SAVED_STATE_H

#include "session/saved/snapshot.h"
#include "session/session.h"

/* A copy of the state, to be released also when this fails. MSTR_E_SESSION if there is no session. */
enum mstr_code state_take(mstr_session *session, struct snapshot *snapshot, mstr_error *error);
/* Swaps the session's state and the snapshot's, so that releasing the snapshot wipes the old one. */
void state_give(mstr_session *session, struct snapshot *snapshot);

#endif
