/* SPDX-License-Identifier: Apache-2.0 */
/* Beginning a session in the agent's own one. */
#include "session/login/agent_login.h"

#include "base/text.h"
#include "session/parts/agent_transport.h"

#include <stdlib.h>

enum agent_verdict agent_login(mstr_session *session, const struct limits *limits, mstr_error *error)
{
    char *base = NULL;
    mstr_secret *token = NULL;
    if (session->agent == NULL) {
        return AGENT_ALONE;
    }
    enum mstr_code code = session_prepare(session, limits, error);
    code = code == MSTR_OK ? session_configured_base(session, limits, &base, error) : code;
    if (code != MSTR_OK) { /* as one's own login will tell */
        return AGENT_ALONE;
    }
    enum agent_verdict verdict = agent_transport_open(session->agent, base, limits, &token, error);
    if (verdict == AGENT_ANSWERED) {
        pthread_mutex_lock(&session->mutex);
        session_move(session, base);
        mstr_secret *before = session->token;
        session->token = token;
        session->delegated = false;
        session->taken_up = false;
        pthread_mutex_unlock(&session->mutex);
        mstr_secret_release(before);
        return verdict;
    }
    free(base);
    return verdict;
}
