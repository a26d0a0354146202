/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of a program, until there is an answer to keep or a failure to tell. */
#include "session/exchange/exchange.h"

#include "base/error.h"
#include "base/log.h"
#include "local/outcome.h"
#include "session/login/opening.h"
#include "session/login/sharing.h"
#include "session/parts/agent_transport.h"
#include "session/parts/retry.h"
#include "session/parts/server_error.h"

#include <stdlib.h>
#include <string.h>

enum { REPLAYS_MAX = 3 }; /* of one request, for tokens that others renewed meanwhile */

/* Whether the server ended the session, which only ERR009 tells: a 401 may also be a refused password. The server has
 * then not looked at the request, so that any method can be repeated. */
static enum mstr_code has_expired(const struct mstr_http_response *answer, bool *expired, mstr_error *error)
{
    int number = 0;
    enum mstr_code code = http_answer(answer)->status == 401 ? server_error_number_in(answer, &number) : MSTR_OK;
    *expired = number == 9;
    return code == MSTR_OK ? code : error_set(error, code, "out of memory");
}

/* Waits before the next try. MSTR_E_TIMEOUT if the limits end first, so that the failure at hand is told instead. */
static enum mstr_code pause_for(mstr_session *session, const struct exchange *exchange, int attempts, int64_t delay,
                                const struct limits *limits)
{
    enum mstr_code code = limits_sleep(limits, delay);
    if (code == MSTR_OK) {
        const mstr_event event = {.kind = MSTR_EVENT_RETRY,
                                  .number = exchange->number,
                                  .method = exchange->method,
                                  .url = exchange->url,
                                  .delay = delay};
        events_tell(&session->events, &event);
        log_write(context_log(session->context), MSTR_LEVEL_INFO, "session", "%s again after %lld ms, try %d of %d",
                  exchange->method, (long long)delay, attempts + 1, (int)RETRY_ATTEMPTS);
    }
    return code;
}

/* Whether the request can be sent once more: its body begins anew, and nothing of an answer was handed over. */
static bool can_repeat(const struct exchange *exchange)
{
    return (exchange->upload == NULL || upload_rewind(exchange->upload)) &&
           (exchange->download == NULL || !exchange->download->touched);
}

/* Takes the token that the session has now: it may have been renewed since the last sending. False if there is none
 * where one is needed. */
static bool take_token(mstr_session *session, struct exchange *exchange, mstr_secret **token)
{
    if (exchange->authenticated) {
        mstr_secret_release(*token);
        exchange->token = *token = session_token(session);
    }
    return exchange->token != NULL || !exchange->authenticated;
}

/* Whether another one sends in the session's place: his failures are the last word. What he met on his way he has met
 * as often as he tries, and where he broke off nobody knows what was executed; but he tries no answer again whose end
 * is missing, as he has handed on its beginning. */
static bool is_sent_by_agent(const mstr_session *session)
{
    return session->agent != NULL && agent_transport_is_open(session->agent);
}

static bool was_cut(const mstr_error *error)
{
    const char *step = mstr_error_step(error);
    return step != NULL && strcmp(step, LOCAL_STEP_ANSWER) == 0;
}

/* Sends until there is an answer to keep or a failure to tell; *token is the one sent last. `told` is never NULL. */
static enum mstr_code send_safely(mstr_session *session, struct exchange *exchange, mstr_secret **token,
                                  const struct limits *limits, struct mstr_http_response **out, mstr_error *told)
{
    for (int attempts = 1;; attempts++) {
        mstr_error_clear(told);
        if (!take_token(session, exchange, token)) {
            return error_set(told, MSTR_E_SESSION, "there is no valid session");
        }
        bool by_agent = is_sent_by_agent(session);
        enum mstr_code code = session_attempt(session, exchange, limits, out, told);
        int64_t delay = retry_judge(exchange->method, code, mstr_error_step(told), *out, attempts);
        if (delay == RETRY_NEVER || (by_agent && code != MSTR_OK && !was_cut(told)) || !can_repeat(exchange)) {
            return code;
        }
        enum mstr_code slept = pause_for(session, exchange, attempts, delay, limits);
        if (slept == MSTR_E_CANCELLED) {
            code = error_set(told, slept, "cancelled while waiting to try again");
        }
        if (slept != MSTR_OK) {
            return code;
        }
        http_response_free(*out);
        *out = NULL;
    }
}

/* The same, and whether the answer is that the session has ended. */
static enum mstr_code send_and_look(mstr_session *session, struct exchange *exchange, mstr_secret **token,
                                    const struct limits *limits, struct mstr_http_response **out, bool *expired,
                                    mstr_error *told)
{
    enum mstr_code code = send_safely(session, exchange, token, limits, out, told);
    return code == MSTR_OK ? has_expired(*out, expired, told) : code;
}

/* Whether a refused token is one that the session has of a login of its own, and so the server's last word. An old
 * one says nothing, and neither does one that another process left in a file, or that others use and may have had
 * changed. */
static bool is_last_word(mstr_session *session, const mstr_secret *token)
{
    pthread_mutex_lock(&session->mutex);
    bool last = token == session->token && !session->taken_up;
    pthread_mutex_unlock(&session->mutex);
    return last && !sharing_is_on(session);
}

/* Whether the URL begins with the session's base, or stays as it is whatever that is. */
static bool has_base(mstr_session *session, const struct exchange *exchange)
{
    pthread_mutex_lock(&session->mutex);
    const char *base = session->base;
    size_t length = exchange->base_length;
    bool has = exchange->moving == NULL || base == NULL ||
               (strlen(base) == length && strncmp(exchange->url, base, length) == 0);
    pthread_mutex_unlock(&session->mutex);
    return has;
}

/* Puts the base that the session has by now in the place of the one that the URL begins with. One of another origin
 * is told by the attempt. */
static enum mstr_code follow_base(mstr_session *session, struct exchange *exchange, mstr_error *told)
{
    struct buffer url = BUFFER_INIT;
    struct uri from;
    struct uri to;
    char *base = NULL;
    if (has_base(session, exchange)) {
        return MSTR_OK;
    }
    enum mstr_code code = session_base(session, &base, told);
    if (code == MSTR_OK && uri_parse(base, &to) && uri_parse(exchange->url, &from) && uri_same_origin(&from, &to)) {
        if (buffer_printf(&url, "%s%s", base, exchange->url + exchange->base_length)) {
            buffer_release(exchange->moving);
            *exchange->moving = url;
            exchange->url = buffer_text(exchange->moving);
            exchange->base_length = strlen(base);
        } else {
            code = error_set(told, MSTR_E_MEMORY, "out of memory");
            buffer_release(&url);
        }
    }
    free(base);
    return code;
}

enum mstr_code session_exchange(mstr_session *session, const struct exchange *exchange, const struct limits *limits,
                                struct mstr_http_response **out, mstr_error *error)
{
    struct exchange own = *exchange;
    own.number = events_number(&session->events);
    mstr_error *told = mstr_error_new();
    mstr_secret *token = NULL;
    bool renewable = exchange->authenticated && session->settings.relogin;
    *out = NULL;
    if (told == NULL) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    bool expired = false;
    sharing_follow(session);
    enum mstr_code code = follow_base(session, &own, told);
    code = code == MSTR_OK ? send_and_look(session, &own, &token, limits, out, &expired, told) : code;
    for (int replays = 0; code == MSTR_OK && renewable && expired && can_repeat(exchange); replays++) {
        if (replays == REPLAYS_MAX || (replays > 0 && is_last_word(session, token))) {
            break;
        }
        bool renewed = false;
        code = session_renew(session, token, limits, &renewed, told);
        if (code == MSTR_OK && !renewed) {
            break; /* the refusal at hand says all there is */
        }
        http_response_free(*out);
        *out = NULL;
        code = code == MSTR_OK ? follow_base(session, &own, told) : code;
        if (code == MSTR_OK) {
            code = send_and_look(session, &own, &token, limits, out, &expired, told);
        }
    }
    if (code == MSTR_OK && !expired) {
        sharing_note(session);
    }
    if (code != MSTR_OK) {
        http_response_free(*out);
        *out = NULL;
        error_copy(error, told);
    }
    mstr_secret_release(token);
    mstr_error_free(told);
    return code;
}
