/* A session from its making to its end. */
#include "session/session.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "session/parts/server_error.h"
#include "session/parts/url.h"

#include <stdlib.h>

/* A logout may take this long, ms, whatever the session's own timeout. */
enum { LOGOUT_TIMEOUT = 5000 };

enum mstr_code mstr_session_new(mstr_context *context, const mstr_session_options *options, mstr_session **out,
                                mstr_error *error)
{
    static const mstr_session_options defaults = MSTR_SESSION_OPTIONS_INIT;
    options = options != NULL ? options : &defaults;
    *out = NULL;
    if (!MSTR_HAS(options, mstr_session_options, timeout)) {
        return error_set(error, MSTR_E_USAGE, "the options of the session were not initialised");
    }
    mstr_session *session = calloc(1, sizeof(*session));
    bool good = session != NULL && (session->login_error = mstr_error_new()) != NULL;
    if (!good || !gate_init(&session->login) || !gate_init(&session->preparation) ||
        !keepalive_init(&session->keepalive)) {
        mstr_error_free(session != NULL ? session->login_error : NULL);
        free(session);
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    pthread_mutex_init(&session->mutex, NULL);
    session->context = context;
    enum mstr_code code =
        settings_read(options, context_config(context), &session->settings, session->credentials, error);
    if (code != MSTR_OK) {
        mstr_session_free(session);
        return code;
    }
    *out = session;
    return MSTR_OK;
}

void mstr_session_free(mstr_session *session)
{
    if (session == NULL) {
        return;
    }
    mstr_session_close(session, NULL);
    mstr_session_forget(session);
    for (int kind = 0; kind < MSTR_CREDENTIAL_KINDS; kind++) {
        mstr_credential_release(session->credentials[kind]);
    }
    mstr_secret_release(session->proxy_password);
    mstr_secret_release(session->key_passphrase);
    session_forget_projects(session);
    transports_release(&session->transports);
    pairs_release(&session->headers);
    pairs_release(&session->query);
    pairs_release(&session->given_cookies);
    settings_release(&session->settings);
    free(session->base);
    keepalive_destroy(&session->keepalive);
    pthread_mutex_destroy(&session->mutex);
    gate_destroy(&session->preparation);
    gate_destroy(&session->login);
    mstr_error_free(session->login_error);
    free(session);
}

enum mstr_code mstr_session_set_credential(mstr_session *session, enum mstr_credential_kind kind,
                                           mstr_credential *credential)
{
    if (credential == NULL) {
        return MSTR_E_MEMORY;
    }
    if (kind < 0 || kind >= MSTR_CREDENTIAL_KINDS) {
        mstr_credential_release(credential);
        return MSTR_E_USAGE;
    }
    mstr_credential_release(session->credentials[kind]);
    session->credentials[kind] = credential;
    return MSTR_OK;
}

enum mstr_code session_prepare(mstr_session *session, const struct limits *limits, mstr_error *error)
{
    if (__atomic_load_n(&session->prepared, __ATOMIC_ACQUIRE)) {
        return MSTR_OK;
    }
    enum mstr_code code = gate_enter(&session->preparation, limits);
    if (code != MSTR_OK) {
        return error_set(error, code, "%s while the settings were being resolved", mstr_code_text(code));
    }
    if (!session->prepared) {
        code = settings_expand(&session->settings, session->context, limits, error);
        __atomic_store_n(&session->prepared, code == MSTR_OK, __ATOMIC_RELEASE);
    }
    gate_leave(&session->preparation);
    return code;
}

struct limits session_limits(const mstr_session *session, const mstr_call_options *options)
{
    struct limits limits = limits_of(options);
    if (options == NULL || options->timeout == 0) {
        limits.deadline = clock_monotonic() + session->settings.timeout;
    }
    return limits;
}

char *session_base(mstr_session *session)
{
    pthread_mutex_lock(&session->mutex);
    char *base = text_copy(session->base);
    pthread_mutex_unlock(&session->mutex);
    return base;
}

mstr_secret *session_token(mstr_session *session)
{
    pthread_mutex_lock(&session->mutex);
    mstr_secret *token = mstr_secret_retain(session->token);
    pthread_mutex_unlock(&session->mutex);
    return token;
}

void session_keep_token(mstr_session *session, mstr_secret *token)
{
    pthread_mutex_lock(&session->mutex);
    mstr_secret *old = session->token;
    session->token = token;
    pthread_mutex_unlock(&session->mutex);
    mstr_secret_release(old);
}

int mstr_session_is_open(mstr_session *session)
{
    mstr_secret *token = session_token(session);
    mstr_secret_release(token);
    return token != NULL;
}

void mstr_session_forget(mstr_session *session)
{
    keepalive_stop(session);
    session_keep_token(session, NULL);
    pthread_mutex_lock(&session->mutex);
    cookies_clear(&session->cookies);
    pthread_mutex_unlock(&session->mutex);
}

/* Asks the server to end the session. MSTR_OK too if it has ended already. */
static enum mstr_code log_out(mstr_session *session, const mstr_call_options *options, mstr_error *error)
{
    const mstr_call_options own = {sizeof(own), 0, LOGOUT_TIMEOUT, NULL};
    const struct limits limits = limits_of(options != NULL ? options : &own);
    struct mstr_http_response *answer = NULL;
    struct buffer url = BUFFER_INIT;
    char *base = session_base(session);
    int64_t begin = clock_monotonic();
    keepalive_stop(session);
    enum mstr_code code = base != NULL ? url_join(base, "auth/logout", NULL, 0, &url, error) : MSTR_E_MEMORY;
    if (code == MSTR_OK) {
        mstr_secret *token = session_token(session);
        const struct exchange logout = {
            .method = "POST", .url = buffer_text(&url), .response_limit = SESSION_ANSWER_LIMIT, .token = token};
        code = session_attempt(session, &logout, &limits, &answer, error);
        mstr_secret_release(token);
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

enum mstr_code mstr_session_logout(mstr_session *session, const mstr_call_options *options, mstr_error *error)
{
    if (!mstr_session_is_open(session)) {
        return error_set(error, MSTR_E_SESSION, "there is no valid session");
    }
    enum mstr_code code = log_out(session, options, error);
    if (code == MSTR_OK) {
        mstr_session_forget(session);
    }
    return code;
}

/* Whether closing tells the server: not for a session that is shared with its creator, unless that was asked for. */
static bool wants_logout(mstr_session *session)
{
    pthread_mutex_lock(&session->mutex);
    bool leave = session->delegated && (session->settings.flags & MSTR_SESSION_LOGOUT_DELEGATED) == 0;
    bool wanted = session->token != NULL && !leave;
    pthread_mutex_unlock(&session->mutex);
    return wanted;
}

enum mstr_code mstr_session_close(mstr_session *session, mstr_error *error)
{
    enum mstr_code code = MSTR_OK;
    if (wants_logout(session)) {
        mstr_error *own = mstr_error_new(); /* the caller's may hold a failure that it has yet to tell */
        code = log_out(session, NULL, own);
        if (code != MSTR_OK && mstr_error_code(error) == MSTR_OK) {
            error_copy(error, own);
        }
        mstr_error_free(own);
    }
    mstr_session_forget(session);
    return code;
}
