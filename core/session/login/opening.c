/* SPDX-License-Identifier: Apache-2.0 */
/* Opening, renewing and adopting a session. */
#include "session/login/opening.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/flight.h"
#include "base/given.h"
#include "base/log.h"
#include "session/login/agent_login.h"
#include "session/login/fleet_login.h"
#include "session/login/keepalive.h"
#include "session/login/login.h"
#include "session/parts/header.h"
#include "session/saved/sealed_refusals.h"
#include "session/saved/sealed_session.h"
#include "session/saved/sealing.h"
#include "session/saved/snapshot_file.h"

#include <stdlib.h>

/* Logs in and notes the outcome for those who wait. The caller is inside the gate. */
static enum mstr_code log_in(mstr_session *session, enum mstr_event_kind kind, const struct limits *limits,
                             mstr_error *error)
{
    int64_t begin = clock_monotonic();
    mstr_error_clear(session->login_error);
    enum agent_verdict agent = agent_login(session, limits, session->login_error);
    enum fleet_share_kind shared = FLEET_NOT_SHARED;
    enum mstr_code code = agent == AGENT_FAILED  ? mstr_error_code(session->login_error)
                          : agent == AGENT_ALONE ? fleet_login(session, limits, &shared, session->login_error)
                                                 : MSTR_OK;
    if (agent == AGENT_ALONE && shared == FLEET_NOT_SHARED) {
        code = session_log_in(session, limits, session->login_error);
    }
    if (code != MSTR_OK && !mstr_code_is_passing(code) && code != MSTR_E_CANCELLED) {
        mstr_session_forget(session);
    }
    session->login_code = code;
    session->login_gave_up = flight_gave_up(code, limits_check(limits));
    mstr_event event = {.kind = code == MSTR_OK && shared == FLEET_TAKEN ? MSTR_EVENT_SHARED : kind,
                        .code = code,
                        .status = mstr_error_http_status(session->login_error),
                        .ticket = mstr_error_request_id(session->login_error),
                        .elapsed = clock_monotonic() - begin};
    events_tell(&session->events, &event);
    if (code == MSTR_OK && shared == FLEET_OWN_ALONE) {
        event.kind = MSTR_EVENT_ALONE;
        events_tell(&session->events, &event);
    }
    __atomic_add_fetch(&session->login_rounds, 1, __ATOMIC_RELAXED);
    if (code != MSTR_OK) {
        error_copy(error, session->login_error);
    } else if (shared == FLEET_NOT_SHARED) { /* of a shared one the fleet sees to that */
        keepalive_start(session);
    }
    return code;
}

static enum mstr_code enter(mstr_session *session, const struct limits *limits, mstr_error *error)
{
    enum mstr_code code = gate_enter(&session->login, limits);
    return code == MSTR_OK ? MSTR_OK
                           : error_set(error, code, "%s while another thread was logging in", mstr_code_text(code));
}

/* Whether a login that was waited for since `round` failed in a way that its waiters share. */
static bool shares_failure(const mstr_session *session, unsigned long long round)
{
    return round != session->login_rounds && session->login_code != MSTR_OK && !session->login_gave_up;
}

/* The file could not be used: the session goes on by itself. */
static void part_from_file(mstr_session *session, const mstr_error *why)
{
    session_keep_nowhere(session);
    log_write(context_log(session->context), MSTR_LEVEL_WARN, "session",
              "the session is no longer kept in its file: %s", mstr_error_message(why));
}

/* Logs in, unless another process was refused with the same credentials lately, and leaves the new session, or word
 * of a refusal, to those who read the file. The caller holds the file's lock. */
static enum mstr_code log_in_for_all(mstr_session *session, enum mstr_event_kind kind, const char *path,
                                     const struct snapshot_lock *lock, const struct limits *limits, mstr_error *error)
{
    struct refusal_record refused;
    enum mstr_code code = sealed_refusals_read(session, path, lock, limits, &refused, error);
    if (code != MSTR_OK) {
        return code;
    }
    mstr_error *own = mstr_error_new();
    session->refused_elsewhere = &refused;
    code = log_in(session, kind, limits, error);
    session->refused_elsewhere = NULL;
    if (sealed_refusals_write(session, path, lock, limits, &refused, own) != MSTR_OK) {
        log_write(context_log(session->context), MSTR_LEVEL_WARN, "session",
                  "other processes do not learn how the login ended: %s", mstr_error_message(own));
    }
    if (code == MSTR_OK && session_is_kept_in(session, path, NULL, NULL) &&
        sealed_session_write(session, path, limits, own) != MSTR_OK) {
        part_from_file(session, own);
    }
    mstr_wipe(&refused, sizeof(refused));
    mstr_error_free(own);
    return code;
}

/* Takes up what another process has made of the session, or logs in. */
static enum mstr_code renew(mstr_session *session, const struct limits *limits, bool *renewed, mstr_error *error)
{
    struct snapshot_lock lock = {.file = -1};
    mstr_error *own = mstr_error_new();
    char *path = session_kept_path(session);
    enum mstr_code code = path != NULL ? snapshot_file_lock(path, limits, &lock, error) : MSTR_OK;
    *renewed = false;
    if (code == MSTR_OK && path != NULL && sealed_session_read_anew(session, path, limits, renewed, own) != MSTR_OK) {
        part_from_file(session, own);
        *renewed = false;
    }
    if (*renewed) {
        keepalive_start(session);
        log_write(context_log(session->context), MSTR_LEVEL_INFO, "session",
                  "the session expired; another process has renewed it");
    } else if (code == MSTR_OK && session_can_log_in(session)) {
        log_write(context_log(session->context), MSTR_LEVEL_INFO, "session", "the session expired; logging in again");
        code = path != NULL ? log_in_for_all(session, MSTR_EVENT_RELOGIN, path, &lock, limits, error)
                            : log_in(session, MSTR_EVENT_RELOGIN, limits, error);
        *renewed = code == MSTR_OK;
    }
    snapshot_file_unlock(&lock);
    free(path);
    mstr_error_free(own);
    return code;
}

enum mstr_code session_renew(mstr_session *session, const mstr_secret *expired, const struct limits *limits,
                             bool *renewed, mstr_error *error)
{
    const unsigned long long round = __atomic_load_n(&session->login_rounds, __ATOMIC_RELAXED);
    enum mstr_code code = enter(session, limits, error);
    *renewed = true;
    if (code != MSTR_OK) {
        return code;
    }
    mstr_secret *now = session_token(session);
    if (now != NULL && now != expired) {
        code = MSTR_OK; /* somebody else was faster */
    } else if (shares_failure(session, round)) {
        error_copy(error, session->login_error);
        code = session->login_code;
    } else if (now == NULL && expired != NULL) {
        code = error_set(error, MSTR_E_SESSION, "the session was closed by another thread");
    } else {
        code = renew(session, limits, renewed, error);
    }
    mstr_secret_release(now);
    gate_leave(&session->login);
    if (code != MSTR_OK) {
        error_prefix(error, "the session expired: ");
    }
    return code;
}

/* The first login of a session that is to be saved: none is sent for one that could not be. */
static enum mstr_code log_in_to_save(mstr_session *session, const char *path, const struct limits *limits,
                                     mstr_error *error)
{
    struct snapshot_lock lock = {.file = -1};
    struct sealing sealing;
    enum mstr_code code = sealing_begin(&sealing, session, "", limits, error);
    sealing_end(&sealing);
    code = code == MSTR_OK ? snapshot_file_lock(path, limits, &lock, error) : code;
    code = code == MSTR_OK ? snapshot_lock_check(&lock, path, error) : code;
    code = code == MSTR_OK ? log_in_for_all(session, MSTR_EVENT_LOGIN, path, &lock, limits, error) : code;
    snapshot_file_unlock(&lock);
    return code;
}

enum mstr_code mstr_session_open(mstr_session *session, const mstr_call_options *options, mstr_error *error)
{
    if (given_call(options, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    const struct limits limits = session_limits(session, options);
    enum mstr_code code = enter(session, &limits, error);
    if (code != MSTR_OK) {
        return code;
    }
    const char *path = session->settings.session_file;
    if (!mstr_session_is_open(session)) {
        code = path != NULL ? log_in_to_save(session, path, &limits, error)
                            : log_in(session, MSTR_EVENT_LOGIN, &limits, error);
    }
    gate_leave(&session->login);
    return code;
}

/* Whether a token can stand in a header: the program may have it from anywhere. */
static bool is_token(const mstr_secret *token)
{
    const char *text = mstr_secret_octets(token);
    size_t length = mstr_secret_length(token);
    return length > 0 && strlen(text) == length && header_is_value(text);
}

enum mstr_code mstr_session_adopt(mstr_session *session, const mstr_secret *token, const mstr_call_options *options,
                                  mstr_error *error)
{
    if (given_call(options, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    const struct limits limits = session_limits(session, options);
    session_leave_agent(session);
    if (token != NULL && !is_token(token)) {
        return error_set(error, MSTR_E_USAGE, "the token is empty or has control characters");
    }
    enum mstr_code code = enter(session, &limits, error);
    if (code != MSTR_OK) {
        return code;
    }
    if (mstr_session_is_open(session)) {
        code = error_set(error, MSTR_E_USAGE, "the session is open already; close it first");
    } else if ((code = session_adopt(session, token, &limits, error)) == MSTR_OK) {
        keepalive_start(session);
    }
    gate_leave(&session->login);
    return code;
}
