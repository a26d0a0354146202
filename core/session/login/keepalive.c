/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping an idle session alive. */
#include "session/login/keepalive.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "base/thread.h"
#include "session/attempt.h"
#include "session/parts/server_error.h"
#include "session/parts/url.h"

#include <stdlib.h>

enum {
    CALL_TIMEOUT = 30 * 1000, /* ms, of one PUT sessions */
    PERIOD_MIN = 500,
    PERIOD_DEFAULT = 5 * 60 * 1000, /* where the server does not tell its timeout */
    PERIOD_MAX = 60 * 60 * 1000,
    IDLE_MAX = 1000000 * 1000 /* what a server can be set to is below that */
};

/* Sends a request without body as the session is now; nothing is repeated and nobody logs in. */
static enum mstr_code ask(mstr_session *session, const char *method, const struct limits *within,
                          struct mstr_http_response **answer, mstr_error *error)
{
    const int64_t end = clock_monotonic() + CALL_TIMEOUT;
    const struct limits limits = {end < within->deadline ? end : within->deadline, within->cancel};
    struct buffer url = BUFFER_INIT;
    mstr_secret *token = session_token(session);
    char *base = NULL;
    enum mstr_code code = token == NULL ? error_set(error, MSTR_E_SESSION, "the session was closed")
                                        : session_base(session, &base, error);
    code = code == MSTR_OK ? url_join(base, "sessions", NULL, 0, &url, error) : code;
    if (code == MSTR_OK) {
        const struct exchange exchange = {
            .method = method, .url = buffer_text(&url), .response_limit = SESSION_ANSWER_LIMIT, .token = token};
        code = session_attempt(session, &exchange, &limits, answer, error);
    }
    if (code == MSTR_OK && http_answer(*answer)->status >= 400) {
        code = server_error_tell(*answer, "sessions", error);
    }
    mstr_secret_release(token);
    buffer_release(&url);
    free(base);
    return code;
}

/* The idle timeout in the answer, s; 0 where it tells none. */
static enum mstr_code read_timeout(const struct mstr_http_answer *told, int64_t *seconds, mstr_error *error)
{
    struct json_object *info = NULL;
    enum mstr_code code = json_read(told->body, told->body_length, &info);
    json_member_int64(info, "timeout", seconds);
    json_release(info);
    return code == MSTR_E_MEMORY ? error_set(error, code, "out of memory") : MSTR_OK;
}

int64_t keepalive_find_idle(mstr_session *session, const struct limits *limits, mstr_error *error)
{
    struct mstr_http_response *answer = NULL;
    int64_t seconds = 0;
    if (ask(session, "GET", limits, &answer, error) == MSTR_OK) {
        read_timeout(http_answer(answer), &seconds, error);
    }
    http_response_free(answer);
    return seconds > IDLE_MAX / 1000 ? IDLE_MAX : seconds > 0 ? seconds * 1000 : 0;
}

/* Half of the idle timeout that the server tells. */
static int64_t find_period(mstr_session *session, mstr_cancel *cancel)
{
    const struct limits limits = {INT64_MAX, cancel};
    mstr_error *error = mstr_error_new();
    int64_t period = PERIOD_DEFAULT;
    int64_t idle = keepalive_find_idle(session, &limits, error);
    enum mstr_code code = mstr_error_code(error);
    if (idle > 0) {
        period = idle / 2 < PERIOD_MAX ? idle / 2 : PERIOD_MAX;
    } else if (code != MSTR_OK && code != MSTR_E_CANCELLED) {
        log_write(context_log(session->context), MSTR_LEVEL_WARN, "session",
                  "keeping the session alive every %d s, as its idle timeout is not known: %s", PERIOD_DEFAULT / 1000,
                  mstr_error_message(error));
    }
    mstr_error_free(error);
    return period > PERIOD_MIN ? period : PERIOD_MIN;
}

enum mstr_code keepalive_once(mstr_session *session, mstr_cancel *cancel)
{
    struct mstr_http_response *answer = NULL;
    mstr_error *error = mstr_error_new();
    const struct limits limits = {INT64_MAX, cancel};
    int64_t begin = clock_monotonic();
    enum mstr_code code = ask(session, "PUT", &limits, &answer, error);
    if (code != MSTR_E_CANCELLED) {
        const mstr_event event = {.kind = MSTR_EVENT_KEEPALIVE,
                                  .method = "PUT",
                                  .code = code,
                                  .status = answer != NULL ? http_answer(answer)->status : 0,
                                  .ticket = mstr_error_request_id(error),
                                  .elapsed = clock_monotonic() - begin};
        events_tell(&session->events, &event);
    }
    if (code != MSTR_OK && code != MSTR_E_CANCELLED) {
        log_write(context_log(session->context), MSTR_LEVEL_WARN, "session", "keeping the session alive: %s",
                  mstr_error_message(error));
    }
    http_response_free(answer);
    mstr_error_free(error);
    return code;
}

static void *run(void *data)
{
    mstr_session *session = data;
    struct keepalive *keepalive = &session->keepalive;
    mstr_cancel *cancel = keepalive->cancel;
    int64_t period = find_period(session, cancel);
    bool alive = true;
    while (alive && !cancel_is_set(cancel)) {
        int64_t idle = clock_monotonic() - __atomic_load_n(&keepalive->last_use, __ATOMIC_RELAXED);
        const struct limits limits = {INT64_MAX, cancel};
        if (idle < period) {
            alive = limits_sleep(&limits, period - idle) == MSTR_OK;
        } else {
            enum mstr_code code = keepalive_once(session, cancel);
            alive = code == MSTR_OK || mstr_code_is_passing(code);
            session_note_use(session); /* a failure that may pass is not hurried after */
        }
    }
    __atomic_store_n(&keepalive->ended, true, __ATOMIC_RELEASE);
    return NULL;
}

/* Joins the thread, if there is one. The caller holds the mutex. */
static void end(struct keepalive *keepalive)
{
    if (keepalive->cancel != NULL) {
        mstr_cancel_now(keepalive->cancel);
        pthread_join(keepalive->thread, NULL);
        mstr_cancel_free(keepalive->cancel);
        keepalive->cancel = NULL;
    }
}

void keepalive_start(mstr_session *session)
{
    struct keepalive *keepalive = &session->keepalive;
    if (!session->settings.keepalive) {
        return;
    }
    pthread_mutex_lock(&keepalive->mutex);
    if (keepalive->cancel == NULL || __atomic_load_n(&keepalive->ended, __ATOMIC_ACQUIRE)) {
        end(keepalive);
        keepalive->ended = false;
        keepalive->cancel = mstr_cancel_new();
        if (keepalive->cancel != NULL && !thread_start(&keepalive->thread, run, session)) {
            mstr_cancel_free(keepalive->cancel);
            keepalive->cancel = NULL;
        }
    }
    pthread_mutex_unlock(&keepalive->mutex);
}

void keepalive_stop(mstr_session *session)
{
    pthread_mutex_lock(&session->keepalive.mutex);
    end(&session->keepalive);
    pthread_mutex_unlock(&session->keepalive.mutex);
}
