/* SPDX-License-Identifier: Apache-2.0 */
/* What the server offers about the session itself: keeping it alive, and telling of it. */
#include "session/attempt.h"

#include <mstr/session.h>

/* A call that belongs to no project. */
static enum mstr_code ask(mstr_session *session, const char *method, const char *path, mstr_response **out,
                          mstr_error *error)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    request.method = method;
    request.path = path;
    request.project = "";
    request.response_limit = SESSION_LIST_LIMIT;
    return mstr_session_send(session, &request, out, error);
}

enum mstr_code mstr_session_extend(mstr_session *session, mstr_error *error)
{
    mstr_response *response = NULL;
    enum mstr_code code = ask(session, "PUT", "sessions", &response, error);
    mstr_response_free(response);
    return code;
}

enum mstr_code mstr_session_info(mstr_session *session, mstr_response **out, mstr_error *error)
{
    return ask(session, "GET", "sessions", out, error);
}

enum mstr_code mstr_session_userinfo(mstr_session *session, mstr_response **out, mstr_error *error)
{
    return ask(session, "GET", "sessions/userInfo", out, error);
}

enum mstr_code mstr_session_privileges(mstr_session *session, mstr_response **out, mstr_error *error)
{
    return ask(session, "GET", "sessions/privileges", out, error);
}

enum mstr_code mstr_session_put_sessions(mstr_session *session, mstr_error *error)
{
    return mstr_session_extend(session, error);
}

enum mstr_code mstr_session_get_sessions(mstr_session *session, mstr_response **out, mstr_error *error)
{
    return mstr_session_info(session, out, error);
}

enum mstr_code mstr_session_get_sessions_userinfo(mstr_session *session, mstr_response **out, mstr_error *error)
{
    return mstr_session_userinfo(session, out, error);
}
