/* The common requests by the names of their methods, and what every request of a session carries. */
#include "session/session.h"

#include "base/base64.h"
#include "base/error.h"
#include "base/text.h"

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

static enum mstr_code set_pair(mstr_session *session, struct pairs *pairs, const char *name, const char *value,
                               bool nocase)
{
    pthread_mutex_lock(&session->mutex);
    bool set = pairs_set(pairs, name, value, nocase);
    pthread_mutex_unlock(&session->mutex);
    return set ? MSTR_OK : MSTR_E_MEMORY;
}

enum mstr_code mstr_session_set_header(mstr_session *session, const char *name, const char *value)
{
    if (!session_header_allowed(name, value != NULL ? value : "")) {
        return MSTR_E_USAGE;
    }
    return set_pair(session, &session->headers, name, value, true);
}

enum mstr_code mstr_session_set_query(mstr_session *session, const char *name, const char *value)
{
    return text_empty(name) ? MSTR_E_USAGE : set_pair(session, &session->query, name, value, false);
}

enum mstr_code mstr_session_set_cookie(mstr_session *session, const char *name, const char *value)
{
    if (!cookies_is_pair(name, value != NULL ? value : "")) {
        return MSTR_E_USAGE;
    }
    return set_pair(session, &session->given_cookies, name, value, false);
}

enum mstr_code mstr_session_set_basic_auth(mstr_session *session, const char *username, const char *password)
{
    struct buffer plain = BUFFER_INIT;
    struct buffer value = BUFFER_INIT;
    if (username == NULL) {
        return mstr_session_set_header(session, "Authorization", NULL);
    }
    if (strchr(username, ':') != NULL || password == NULL) {
        return MSTR_E_USAGE; /* RFC 7617, 2: a colon ends the name */
    }
    buffer_reserve(&plain, strlen(username) + strlen(password) + 2);
    buffer_printf(&plain, "%s:%s", username, password);
    buffer_reserve(&value, 4 * plain.length / 3 + 16);
    buffer_puts(&value, "Basic ");
    base64_encode(&value, plain.data, plain.length);
    enum mstr_code code = plain.failed || value.failed
                              ? MSTR_E_MEMORY
                              : mstr_session_set_header(session, "Authorization", buffer_text(&value));
    buffer_release(&plain);
    buffer_release(&value);
    return code;
}
