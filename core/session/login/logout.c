/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a session: at the server, and in this process. */
#include "session/login/logout.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/given.h"
#include "session/attempt.h"
#include "session/login/keepalive.h"
#include "session/login/sharing.h"
#include "session/parts/server_error.h"
#include "session/parts/url.h"
#include "session/saved/sealed_session.h"
#include "session/saved/snapshot_file.h"

#include <stdlib.h>

void mstr_session_forget(mstr_session *session)
{
    keepalive_stop(session);
    sharing_leave(session);
    session_keep_token(session, NULL);
    session_keep_nowhere(session);
    pthread_mutex_lock(&session->mutex);
    cookies_clear(&session->cookies);
    pthread_mutex_unlock(&session->mutex);
}

static struct limits limits_for(const mstr_call_options *options)
{
    const mstr_call_options own = {sizeof(own), 0, LOGOUT_TIMEOUT, NULL};
    return limits_of(options != NULL ? options : &own);
}

/* Tells the server that a session has ended; `jar` as that of an exchange. */
static enum mstr_code tell_end(mstr_session *session, const mstr_secret *token, const struct cookies *jar,
                               const struct limits *limits, mstr_error *error)
{
    struct mstr_http_response *answer = NULL;
    struct buffer url = BUFFER_INIT;
    char *base = NULL;
    int64_t begin = clock_monotonic();
    enum mstr_code code = session_base(session, &base, error);
    code = code == MSTR_OK ? url_join(base, "auth/logout", NULL, 0, &url, error) : code;
    if (code == MSTR_OK) {
        const struct exchange logout = {.method = "POST",
                                        .url = buffer_text(&url),
                                        .response_limit = SESSION_ANSWER_LIMIT,
                                        .token = token,
                                        .jar = jar};
        code = session_attempt(session, &logout, limits, &answer, error);
    }
    if (code == MSTR_OK && http_answer(answer)->status >= 400) {
        code = server_error_tell(answer, "POST auth/logout", error);
    }
    const mstr_event event = {.kind = MSTR_EVENT_LOGOUT,
                              .method = "POST",
                              .code = code,
                              .status = answer != NULL ? http_answer(answer)->status : 0,
                              .elapsed = clock_monotonic() - begin};
    events_tell(&session->events, &event);
    http_response_free(answer);
    buffer_release(&url);
    free(base);
    if (code == MSTR_E_SESSION) {
        mstr_error_clear(error);
        return MSTR_OK;
    }
    return code;
}

static enum mstr_code log_out(mstr_session *session, const struct limits *limits, mstr_error *error)
{
    keepalive_stop(session);
    mstr_secret *token = session_token(session);
    enum mstr_code code = tell_end(session, token, NULL, limits, error);
    mstr_secret_release(token);
    return code;
}

enum mstr_code session_log_out(mstr_session *session, const mstr_call_options *options, mstr_error *error)
{
    const struct limits limits = limits_for(options);
    return log_out(session, &limits, error);
}

enum mstr_code session_log_out_other(mstr_session *session, const struct snapshot *other, const struct limits *limits,
                                     mstr_error *error)
{
    return tell_end(session, other->token, &other->cookies, limits, error);
}

bool session_log_out_shared(mstr_session *session, const mstr_secret *state, const char *base,
                            const struct limits *limits)
{
    struct snapshot snapshot = {.base = NULL};
    bool good = snapshot_read_full(mstr_secret_octets(state), mstr_secret_length(state),
                                   session->settings.allow_plain, &snapshot, NULL) == MSTR_OK &&
                session_check_origin(snapshot.base, base, NULL) == MSTR_OK &&
                session_log_out_other(session, &snapshot, limits, NULL) == MSTR_OK;
    snapshot_release(&snapshot);
    return good;
}

void session_log_out_replaced(mstr_session *session, const struct snapshot *replaced)
{
    const struct limits limits = limits_for(NULL);
    bool leave = replaced->delegated && (session->settings.flags & MSTR_SESSION_LOGOUT_DELEGATED) == 0;
    if (replaced->token != NULL && !leave) {
        session_log_out_other(session, replaced, &limits, NULL);
    }
}

/* Whether closing tells the server: not for one that others share, unless this worker was the last; nor for a session
 * that is shared with its creator, unless that was asked for. */
static bool wants_logout(mstr_session *session)
{
    if (sharing_is_on(session) && !sharing_leave(session)) {
        return false;
    }
    pthread_mutex_lock(&session->mutex);
    bool leave = session->delegated && (session->settings.flags & MSTR_SESSION_LOGOUT_DELEGATED) == 0;
    bool wanted = session->token != NULL && !leave;
    pthread_mutex_unlock(&session->mutex);
    return wanted;
}

/* Ends the session that the file keeps, as it is by now, and takes the file away: all under its lock, so that no
 * process which meets the end meanwhile leaves a new one there to be lost. A file that cannot be read is left
 * alone. */
static enum mstr_code log_out_of_file(mstr_session *session, const char *path, const mstr_call_options *options,
                                      mstr_error *error)
{
    const struct limits limits = limits_for(options);
    struct snapshot_lock lock;
    bool renewed = false;
    enum mstr_code code = snapshot_file_lock(path, &limits, &lock, error);
    if (code == MSTR_OK) {
        enum mstr_code read = sealed_session_read_anew(session, path, &limits, &renewed, NULL);
        code = read == MSTR_E_MEMORY ? error_set(error, read, "out of memory") : log_out(session, &limits, error);
        code = code == MSTR_OK && read == MSTR_OK ? snapshot_file_remove(path, error) : code;
    }
    snapshot_file_unlock(&lock);
    return code;
}

enum mstr_code mstr_session_logout(mstr_session *session, const mstr_call_options *options, mstr_error *error)
{
    if (given_call(options, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    if (!mstr_session_is_open(session)) {
        return error_set(error, MSTR_E_SESSION, "there is no valid session");
    }
    bool may_stay = options != NULL && (options->flags & MSTR_CALL_LEAVE_DELEGATED) != 0;
    bool leave = (may_stay || sharing_is_on(session)) && !wants_logout(session);
    char *path = session_kept_path(session);
    enum mstr_code code = leave          ? MSTR_OK
                          : path != NULL ? log_out_of_file(session, path, options, error)
                                         : session_log_out(session, options, error);
    free(path);
    if (code == MSTR_OK) {
        mstr_session_forget(session);
    }
    return code;
}

enum mstr_code session_close(mstr_session *session, const mstr_call_options *options, mstr_error *error)
{
    enum mstr_code code = MSTR_OK;
    if (wants_logout(session)) {
        mstr_error *own = mstr_error_new(); /* the caller's may hold a failure that it has yet to tell */
        code = session_log_out(session, options, own);
        if (code != MSTR_OK && mstr_error_code(error) == MSTR_OK) {
            error_copy(error, own);
        }
        mstr_error_free(own);
    }
    mstr_session_forget(session);
    return code;
}

enum mstr_code mstr_session_close(mstr_session *session, mstr_error *error)
{
    return session_close(session, NULL, error);
}

void mstr_session_free(mstr_session *session)
{
    if (session != NULL) {
        mstr_session_close(session, NULL);
        session_release(session);
    }
}
