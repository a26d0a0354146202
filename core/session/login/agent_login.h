/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Beginning a session in the agent's own one with the server, where the session may go through an agent.
 */
#ifndef MSTR_SESSION_LOGIN_AGENT_LOGIN_H
#define MSTR_SESSION_LOGIN_AGENT_LOGIN_H

#include "resolve/agent_link.h"
#include "session/session.h"

/* Inside the gate. AGENT_ALONE where the session is to log in itself. */
enum agent_verdict agent_login(mstr_session *session, const struct limits *limits, mstr_error *error);

#endif
