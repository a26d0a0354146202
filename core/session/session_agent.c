/* SPDX-License-Identifier: Apache-2.0 */
/* What the agent needs of a session beyond the public headers. */
#include "session/session_agent.h"

#include "session/session.h"

/* Its settings and credentials are copies, whole since its login, and refer to no context. */
void session_agent_move(mstr_session *session, mstr_context *context)
{
    session->context = context;
}

void session_agent_remember(mstr_session *session)
{
    session->remembers = true;
}
