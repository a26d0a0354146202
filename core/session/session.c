/* SPDX-License-Identifier: Apache-2.0 */
/* Making a session, and its state. */
#include "session/session.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/given.h"
#include "base/text.h"
#include "config/base_url.h"
#include "session/parts/agent_transport.h"

#include <stdlib.h>
#include <string.h>

static void tell_own(mstr_session *session, const char *why)
{
    log_write(context_log(session->context), MSTR_LEVEL_INFO, "agent", "the session is not the agent's: %s", why);
}

/* Where all of the session is said by files, an agent may serve it. */
static enum mstr_code use_agent(mstr_session *session, const char *profile, mstr_error *error)
{
    struct agent_link *link = context_agent_link(session->context);
    if (link == NULL || session->settings.own || session->settings.profile_absent) {
        if (link != NULL && session->settings.own) {
            tell_own(session, "an option or a variable stands over the profile");
        }
        return MSTR_OK;
    }
    profile = profile != NULL ? profile : config_default_profile(context_config(session->context));
    struct agent_transport *agent = agent_transport_new(link, context_registry(session->context), profile);
    if (agent == NULL ||
        transports_mount(&session->transports, "", agent_transport_send, agent, agent_transport_free) != MSTR_OK) {
        agent_transport_free(agent);
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    session->agent = agent;
    return MSTR_OK;
}

void session_leave_agent(mstr_session *session)
{
    if (session->agent != NULL && agent_transport_leave(session->agent)) {
        tell_own(session, "something was set or kept that no file says");
    }
}

enum mstr_code mstr_session_new(mstr_context *context, const mstr_session_options *options, mstr_session **out,
                                mstr_error *error)
{
    static const mstr_session_options defaults = MSTR_SESSION_OPTIONS_INIT;
    options = options != NULL ? options : &defaults;
    *out = NULL;
    if (settings_check(options, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    mstr_session *session = calloc(1, sizeof(*session));
    bool good = session != NULL && (session->login_error = mstr_error_new()) != NULL;
    if (!good || !gate_init(&session->login) || !gate_init(&session->preparation)) {
        mstr_error_free(session != NULL ? session->login_error : NULL);
        free(session);
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    pthread_mutex_init(&session->mutex, NULL);
    pthread_mutex_init(&session->keepalive.mutex, NULL);
    pthread_mutex_init(&session->sharing.mutex, NULL);
    session->context = context;
    enum mstr_code code =
        settings_read(options, context_config(context), &session->settings, session->credentials, error);
    code = code == MSTR_OK && (options->flags & MSTR_SESSION_NO_PROFILE) == 0
               ? use_agent(session, options->profile, error)
               : code;
    if (code != MSTR_OK) {
        session_release(session);
        return code;
    }
    *out = session;
    return MSTR_OK;
}

void project_entries_free(struct project_entry *entries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(entries[i].id);
        free(entries[i].name);
    }
    free(entries);
}

/* The caller holds the mutex, or is the last to use the session. */
static void forget_projects(mstr_session *session)
{
    project_entries_free(session->projects, session->project_count);
    session->projects = NULL;
    session->project_count = 0;
}

void session_release(mstr_session *session)
{
    mstr_secret_release(session->token);
    cookies_clear(&session->cookies);
    for (int kind = 0; kind < MSTR_CREDENTIAL_KINDS; kind++) {
        mstr_credential_release(session->credentials[kind]);
    }
    mstr_secret_release(session->proxy_password);
    mstr_secret_release(session->key_passphrase);
    forget_projects(session);
    transports_release(&session->transports);
    pairs_release(&session->headers);
    pairs_release(&session->query);
    pairs_release(&session->given_cookies);
    settings_release(&session->settings);
    free(session->base);
    free(session->kept.path);
    pthread_mutex_destroy(&session->sharing.mutex);
    pthread_mutex_destroy(&session->keepalive.mutex);
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
    bool in_use = kind != MSTR_CREDENTIAL_PERSISTENCE_KEY && mstr_session_is_open(session);
    if (kind < 0 || kind >= MSTR_CREDENTIAL_KINDS || in_use) {
        mstr_credential_release(credential);
        return MSTR_E_USAGE;
    }
    session_leave_agent(session);
    mstr_credential_release(session->credentials[kind]);
    session->credentials[kind] = credential;
    return MSTR_OK;
}

enum mstr_code mstr_session_mount(mstr_session *session, const char *prefix, mstr_transport_fn transport, void *data,
                                  void (*free_data)(void *))
{
    if (prefix == NULL) {
        return MSTR_E_USAGE;
    }
    if (session->agent != NULL) { /* which answers for all URLs itself */
        session->agent = NULL;
        transports_mount(&session->transports, "", NULL, NULL, NULL);
    }
    return transports_mount(&session->transports, prefix, transport, data, free_data);
}

void mstr_session_set_event_fn(mstr_session *session, mstr_event_fn each, void *data)
{
    session->events.each = each;
    session->events.data = data;
}

void mstr_session_counters(const mstr_session *session, mstr_counters *counters)
{
    events_count(&session->events, counters);
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
    if (options == NULL) {
        limits.cancel = session->settings.cancel;
    }
    return limits;
}

enum mstr_code session_base(mstr_session *session, char **base, mstr_error *error)
{
    pthread_mutex_lock(&session->mutex);
    bool known = session->base != NULL;
    *base = text_copy(session->base);
    pthread_mutex_unlock(&session->mutex);
    return *base != NULL ? MSTR_OK
           : known       ? error_set(error, MSTR_E_MEMORY, "out of memory")
                         : error_set(error, MSTR_E_SESSION, "there is no valid session");
}

static bool same_origin(const char *base, const struct uri *url)
{
    struct uri own;
    return uri_parse(base, &own) && uri_same_origin(&own, url);
}

bool session_is_at(const mstr_session *session, const struct uri *url)
{
    return session->base == NULL || same_origin(session->base, url);
}

void session_move(mstr_session *session, char *base)
{
    struct uri to;
    if (!uri_parse(base, &to) || !session_is_at(session, &to)) {
        mstr_secret_release(session->token);
        session->token = NULL;
        cookies_clear(&session->cookies);
        forget_projects(session);
        session->server_version[0] = '\0';
    }
    free(session->base);
    session->base = base;
}

enum mstr_code session_check_origin(const char *base, const char *configured, mstr_error *error)
{
    struct uri saved;
    if (uri_parse(base, &saved) && same_origin(configured, &saved)) {
        return MSTR_OK;
    }
    error_set(error, MSTR_E_CONFIG, "the saved session is of another server than base_url names");
    error_set_hint(error, "a token is bound to the server that gave it; use the profile of that server");
    return MSTR_E_CONFIG;
}

enum mstr_code session_configured_base(mstr_session *session, const struct limits *limits, char **base,
                                       mstr_error *error)
{
    struct credential_want want = {.kind = MSTR_CREDENTIAL_BASE_URL,
                                   .credential = session->credentials[MSTR_CREDENTIAL_BASE_URL]};
    struct buffer normal = BUFFER_INIT;
    *base = NULL;
    if (want.credential == NULL) {
        return base_url_tell_absent(error);
    }
    enum mstr_code code = context_resolve(session->context, &want, 1, false, limits, error);
    if (code == MSTR_OK) {
        code = base_url_read(mstr_secret_octets(want.value), session->settings.allow_plain, &normal, error);
    }
    if (code == MSTR_OK && (*base = text_copy(buffer_text(&normal))) == NULL) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    mstr_secret_release(want.value);
    buffer_release(&normal);
    return code;
}

enum mstr_code session_find_base(mstr_session *session, const struct limits *limits, char **base, mstr_error *error)
{
    *base = NULL;
    enum mstr_code code = session_prepare(session, limits, error);
    code = code == MSTR_OK ? session_base(session, base, NULL) : code;
    return code == MSTR_E_SESSION ? session_configured_base(session, limits, base, error) : code;
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

bool session_keep_in(mstr_session *session, const char *path, const unsigned char file[KEPT_DIGEST],
                     const unsigned char state[KEPT_DIGEST])
{
    struct kept kept = {.path = text_copy(path)};
    memcpy(kept.file, file, KEPT_DIGEST);
    memcpy(kept.state, state, KEPT_DIGEST);
    if (kept.path == NULL) {
        return false;
    }
    pthread_mutex_lock(&session->mutex);
    free(session->kept.path);
    session->kept = kept;
    pthread_mutex_unlock(&session->mutex);
    return true;
}

void session_keep_nowhere(mstr_session *session)
{
    pthread_mutex_lock(&session->mutex);
    free(session->kept.path);
    session->kept.path = NULL;
    pthread_mutex_unlock(&session->mutex);
}

bool session_is_kept_in(mstr_session *session, const char *path, const unsigned char *file,
                        const unsigned char *state)
{
    pthread_mutex_lock(&session->mutex);
    const struct kept *kept = &session->kept;
    bool same = kept->path != NULL && strcmp(kept->path, path) == 0 &&
                (file == NULL || memcmp(kept->file, file, KEPT_DIGEST) == 0) &&
                (state == NULL || memcmp(kept->state, state, KEPT_DIGEST) == 0);
    pthread_mutex_unlock(&session->mutex);
    return same;
}

char *session_kept_path(mstr_session *session)
{
    pthread_mutex_lock(&session->mutex);
    char *path = text_copy(session->kept.path);
    pthread_mutex_unlock(&session->mutex);
    return path;
}

void session_note_use(mstr_session *session)
{
    __atomic_store_n(&session->keepalive.last_use, clock_monotonic(), __ATOMIC_RELAXED);
}

void session_keep_projects(mstr_session *session, struct project_entry *projects, size_t count)
{
    pthread_mutex_lock(&session->mutex);
    forget_projects(session);
    session->projects = projects;
    session->project_count = count;
    pthread_mutex_unlock(&session->mutex);
}

int mstr_session_is_open(mstr_session *session)
{
    mstr_secret *token = session_token(session);
    mstr_secret_release(token);
    return token != NULL;
}
