/* SPDX-License-Identifier: Apache-2.0 */
/* What every request of a session carries: headers, query parameters and cookies that the program set. */
#include "session/session.h"

#include "base/base64.h"
#include "base/text.h"
#include "session/parts/header.h"

#include <string.h>

static enum mstr_code set_pair(mstr_session *session, struct pairs *pairs, const char *name, const char *value,
                               bool nocase)
{
    session_leave_agent(session);
    pthread_mutex_lock(&session->mutex);
    bool set = pairs_set(pairs, name, value, nocase);
    pthread_mutex_unlock(&session->mutex);
    return set ? MSTR_OK : MSTR_E_MEMORY;
}

enum mstr_code mstr_session_set_header(mstr_session *session, const char *name, const char *value)
{
    if (!header_is_allowed(name, value != NULL ? value : "")) {
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
