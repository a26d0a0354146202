/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the agent (core/agent) needs of a session beyond the public headers: it outlives the context that it was made
 * in, and is of many who ask. Nobody else includes it.
 */
#ifndef MSTR_SESSION_SESSION_AGENT_H
#define MSTR_SESSION_SESSION_AGENT_H

#include <mstr/session.h>

/* Has an open session go on in another context, in which its profile means the same: what it needs from now on,
 * such as a password to log in again, it has from there, and nothing of the context before. Nobody uses it
 * meanwhile. */
void session_agent_move(mstr_session *session, mstr_context *context);

/* Has a session remember each login that was refused, wherever its credentials came from: nobody types them, and
 * whoever asks brings the account nearer to its lock. Before it is used. */
void session_agent_remember(mstr_session *session);

#endif
