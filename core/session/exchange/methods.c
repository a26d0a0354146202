/* SPDX-License-Identifier: Apache-2.0 */
/* The common requests by the names of their methods. */
#include <mstr/request.h>

#include <string.h>

static enum mstr_code send(mstr_session *session, const char *method, const char *path, const char *json,
                           mstr_response **out, mstr_error *error)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    request.method = method;
    request.path = path;
    request.body = json;
    request.body_length = json != NULL ? strlen(json) : 0;
    return mstr_session_send(session, &request, out, error);
}

enum mstr_code mstr_session_get(mstr_session *session, const char *path, mstr_response **out, mstr_error *error)
{
    return send(session, "GET", path, NULL, out, error);
}

enum mstr_code mstr_session_head(mstr_session *session, const char *path, mstr_response **out, mstr_error *error)
{
    return send(session, "HEAD", path, NULL, out, error);
}

enum mstr_code mstr_session_options_of(mstr_session *session, const char *path, mstr_response **out,
                                       mstr_error *error)
{
    return send(session, "OPTIONS", path, NULL, out, error);
}

enum mstr_code mstr_session_delete(mstr_session *session, const char *path, mstr_response **out, mstr_error *error)
{
    return send(session, "DELETE", path, NULL, out, error);
}

enum mstr_code mstr_session_post(mstr_session *session, const char *path, const char *json, mstr_response **out,
                                 mstr_error *error)
{
    return send(session, "POST", path, json, out, error);
}

enum mstr_code mstr_session_put(mstr_session *session, const char *path, const char *json, mstr_response **out,
                                mstr_error *error)
{
    return send(session, "PUT", path, json, out, error);
}

enum mstr_code mstr_session_patch(mstr_session *session, const char *path, const char *json, mstr_response **out,
                                  mstr_error *error)
{
    return send(session, "PATCH", path, json, out, error);
}
