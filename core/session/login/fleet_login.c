/* SPDX-License-Identifier: Apache-2.0 */
/* A session that is one of a fleet's. */
#include "session/login/fleet_login.h"

#include "base/base64.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "session/login/keepalive.h"
#include "session/login/login.h"
#include "session/login/logout.h"
#include "session/login/sharing.h"
#include "session/parts/server_error.h"

#include <inttypes.h>
#include <stdlib.h>

enum { IDLE_TIME = 5 * 1000 /* ms, of asking for the idle time */ };

/* What a login came to, for the fleet. */
static enum fleet_login judge(enum mstr_code code, const mstr_error *error)
{
    return code == MSTR_OK                 ? FLEET_LOGGED_IN
           : server_error_is_limit(error)  ? FLEET_LOGIN_LIMITED
           : code == MSTR_E_AUTHENTICATION ? FLEET_LOGIN_REFUSED
                                           : FLEET_LOGIN_BROKEN;
}

static bool is_refused(void *data, const struct refusal_record *refusals, const struct limits *limits,
                       mstr_error *error)
{
    return session_is_refused(data, refusals, limits, error);
}

/* Whether so much was refused of this account that nothing is tried. */
static bool is_near_lock(const struct refusal_record *refusals, mstr_error *error)
{
    int64_t pause = refusals != NULL ? refusal_record_pause(refusals) : 0;
    if (pause > 0) {
        error_set(error, MSTR_E_AUTHENTICATION,
                  "the server refused %d logins of this user within 5 minutes; nothing is sent for %" PRId64
                  " s, lest the account be locked",
                  (int)REFUSAL_ACCOUNT_TRIES, (pause + 999) / 1000);
        error_set_step(error, "login");
    }
    return pause > 0;
}

/* How long the server keeps the session, which all who share it see to. Others wait for it meanwhile. */
static void find_idle(mstr_session *session, const struct limits *limits, int64_t *idle)
{
    const int64_t end = clock_monotonic() + IDLE_TIME;
    const struct limits own = {end < limits->deadline ? end : limits->deadline, limits->cancel};
    mstr_error *error = mstr_error_new();
    int64_t told = keepalive_find_idle(session, &own, error);
    *idle = told > 0 ? told : *idle;
    if (mstr_error_code(error) != MSTR_OK && mstr_error_code(error) != MSTR_E_CANCELLED) {
        log_write(context_log(session->context), MSTR_LEVEL_WARN, "session",
                  "the fleet's session is taken to end when idle for %d min, as the server does not tell: %s",
                  FLEET_IDLE_DEFAULT / 60000, mstr_error_message(error));
    }
    mstr_error_free(error);
}

static enum fleet_login log_in(void *data, struct refusal_record *refusals, const struct limits *limits,
                               mstr_secret **state, int64_t *idle, mstr_error *error)
{
    mstr_session *session = data;
    if (is_near_lock(refusals, error)) {
        return FLEET_LOGIN_REFUSED;
    }
    session->refused_elsewhere = refusals;
    enum mstr_code code = session_log_in(session, limits, error);
    session->refused_elsewhere = NULL;
    if (code == MSTR_OK) {
        find_idle(session, limits, idle);
    }
    if (code == MSTR_OK && (*state = sharing_put_state(session, error)) == NULL) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    return judge(code, error);
}

/* Called by a thread of the fleet. A session that has yet to follow the others says nothing. */
static enum fleet_login keep_alive(void *data)
{
    mstr_session *session = data;
    struct sharing *sharing = &session->sharing;
    pthread_mutex_lock(&sharing->mutex);
    bool follows = sharing->seat != NULL && sharing->generation == fleet_generation(sharing->seat);
    mstr_cancel *cancel = sharing->cancel;
    pthread_mutex_unlock(&sharing->mutex);
    enum mstr_code code = follows ? keepalive_once(session, cancel) : MSTR_E_CANCELLED;
    if (code == MSTR_OK) {
        sharing_note(session);
    }
    return code == MSTR_OK ? FLEET_LOGGED_IN : code == MSTR_E_SESSION ? FLEET_LOGIN_REFUSED : FLEET_LOGIN_BROKEN;
}

static void log_out(void *data, const mstr_secret *state, const struct limits *limits)
{
    mstr_session *session = data;
    char *base = NULL;
    if (session_base(session, &base, NULL) == MSTR_OK) {
        session_log_out_shared(session, state, base, limits);
    }
    free(base);
}

static const struct fleet_port port = {is_refused, log_in, keep_alive, log_out};

/* The user as the fleet knows him: an API key by a digest, and fields of the login, which make another session. */
static bool put_user(const mstr_session *session, const struct fleet_keys *keys, const struct login_mode *mode,
                     const mstr_secret *user, struct buffer *out)
{
    unsigned char digest[FLEET_DIGEST];
    const char *fields = session->settings.login_fields;
    bool good = true;
    if (mode->mode == MSTR_LOGIN_API_KEY) {
        good = fleet_keys_digest(keys, "api key", mstr_secret_octets(user), mstr_secret_length(user), digest) &&
               hex_encode(out, digest, sizeof(digest));
    } else {
        buffer_append(out, mstr_secret_octets(user), mstr_secret_length(user));
    }
    if (good && fields != NULL) {
        good = buffer_putc(out, '\n') && fleet_keys_digest(keys, "fields", fields, strlen(fields), digest) &&
               hex_encode(out, digest, sizeof(digest));
    }
    return good && !out->failed;
}

/* The slot's origin is the whole base URL: two applications of one host are two servers, neither of which knows the
 * other's sessions. Where they shared one, each would take the other's for dead, and log in again and again. */
enum mstr_code fleet_login_whose(mstr_session *session, const struct limits *limits, struct fleet_whose *whose,
                                 mstr_error *error)
{
    const struct login_mode *mode = NULL;
    mstr_secret *user = NULL;
    *whose = (struct fleet_whose){.user = BUFFER_INIT};
    enum mstr_code code = session_find_account(session, limits, &mode, &user, &whose->base, error);
    if (code == MSTR_OK && user != NULL) {
        code = context_fleet(session->context, session->settings.fleet, limits, &whose->fleet, error);
    }
    if (code == MSTR_OK && whose->fleet != NULL) {
        code = put_user(session, fleet_keys_of(whose->fleet), mode, user, &whose->user)
                   ? MSTR_OK
                   : error_set(error, MSTR_E_MEMORY, "out of memory");
        whose->scope = (struct fleet_scope){whose->base, buffer_text(&whose->user), (int)mode->mode,
                                            session->settings.application_type};
    }
    mstr_secret_release(user);
    return code;
}

void fleet_whose_release(struct fleet_whose *whose)
{
    buffer_release(&whose->user);
    free(whose->base);
}

/* Sits down where the session has no seat yet. */
static enum mstr_code sit(mstr_session *session, const struct limits *limits, mstr_error *error)
{
    struct sharing *sharing = &session->sharing;
    struct fleet_seat *seat = NULL;
    struct fleet_whose whose;
    if (sharing_is_on(session)) {
        return MSTR_OK;
    }
    enum mstr_code code = fleet_login_whose(session, limits, &whose, error);
    if (code == MSTR_OK && whose.fleet != NULL) {
        seat = fleet_sit(whose.fleet, &whose.scope, &port, session);
        code = seat != NULL ? MSTR_OK : error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (seat != NULL) {
        pthread_mutex_lock(&sharing->mutex);
        sharing->seat = seat;
        sharing->base = whose.base;
        sharing->generation = 0;
        sharing->cancel = mstr_cancel_new();
        pthread_mutex_unlock(&sharing->mutex);
        whose.base = NULL;
    }
    fleet_whose_release(&whose);
    return code;
}

/* What was had becomes the session's. The caller holds the mutex. */
static enum mstr_code settle(mstr_session *session, const struct fleet_share *share, mstr_error *error)
{
    enum mstr_code code = share->own ? (sharing_note_known(session) ? MSTR_OK : MSTR_E_MEMORY)
                                     : sharing_take_up(session, share->state, error);
    session->sharing.generation = code == MSTR_OK ? share->generation : 0;
    return code;
}

/* Which is for this user's processes alone: a logout there would end what others use. */
static bool is_kept_in_file(mstr_session *session)
{
    char *path = session_kept_path(session);
    bool kept = path != NULL;
    free(path);
    return kept;
}

enum mstr_code fleet_login(mstr_session *session, const struct limits *limits, enum fleet_share_kind *kind,
                           mstr_error *error)
{
    struct sharing *sharing = &session->sharing;
    mstr_cancel *cancel = NULL;
    struct fleet_share share = {.state = NULL};
    *kind = FLEET_NOT_SHARED;
    if (session->settings.fleet == NULL || is_kept_in_file(session)) {
        return MSTR_OK;
    }
    enum mstr_code code = sit(session, limits, error);
    pthread_mutex_lock(&sharing->mutex);
    struct fleet_seat *seat = sharing->seat;
    const uint64_t dead = sharing->generation;
    sharing->obtaining = seat != NULL;
    pthread_mutex_unlock(&sharing->mutex);
    *kind = code != MSTR_OK || seat != NULL ? FLEET_OWN_LOGIN : FLEET_NOT_SHARED;
    if (seat == NULL) {
        return code;
    }
    code = fleet_obtain(seat, dead, limits, &share, error);
    pthread_mutex_lock(&sharing->mutex);
    sharing->obtaining = false;
    seat = sharing->left ? sharing_stand_up(sharing, &cancel) : NULL;
    if (seat != NULL && code == MSTR_OK) {
        code = error_set(error, MSTR_E_SESSION, "the session was closed by another thread");
    } else if (code == MSTR_OK) {
        code = settle(session, &share, error);
    }
    pthread_mutex_unlock(&sharing->mutex);
    sharing_leave_seat(seat, cancel);
    mstr_secret_release(share.state);
    if (code == MSTR_OK) {
        *kind = !share.own ? FLEET_TAKEN : share.alone ? FLEET_OWN_ALONE : FLEET_OWN_LOGIN;
    }
    return code;
}
