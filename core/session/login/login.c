/* SPDX-License-Identifier: Apache-2.0 */
/* Logging in: which mode, which credentials, and what the server's answer means. */
#include "session/login/login.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "config/base_url.h"
#include "config/login_mode.h"
#include "secret/secret.h"
#include "session/attempt.h"
#include "session/login/logout.h"
#include "session/parts/server_error.h"
#include "session/parts/url.h"
#include "session/saved/login_record.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Where each credential goes in the request. */
static const char *const members[MSTR_CREDENTIAL_KINDS] = {
    [MSTR_CREDENTIAL_USERNAME] = "username",
    [MSTR_CREDENTIAL_PASSWORD] = "password",
    [MSTR_CREDENTIAL_API_KEY] = "username",
    [MSTR_CREDENTIAL_IDENTITY_TOKEN] = "identityToken",
};

/* Where the login is missing because all is, or because the profile is another one. */
static void hint_at_profile(const mstr_session *session, mstr_error *error)
{
    const struct config *config = context_config(session->context);
    const char *other = session->settings.profile_absent ? config_first_profile(config) : NULL;
    if (other != NULL) {
        config_hint_profile(other, error);
    } else if (config_section_at(config, 0) == NULL) {
        error_set_hint(error,
                       "there is no configuration: write base_url and credentials into a section [profile default] "
                       "of ~/.config/mstr/config, or set MSTR_BASE_URL, MSTR_USERNAME and MSTR_PASSWORD; mstr "
                       "config path lists the files that are looked for");
    }
}

static enum mstr_code choose_mode(const mstr_session *session, const struct login_mode **out, mstr_error *error)
{
    enum mstr_login_mode wanted = session->settings.login_mode;
    unsigned there = 0;
    for (unsigned kind = 0; kind < MSTR_CREDENTIAL_KINDS; kind++) {
        there |= session->credentials[kind] != NULL ? 1u << kind : 0;
    }
    enum mstr_code code = login_mode_choose(wanted, there, out, error);
    if (code != MSTR_OK && wanted == MSTR_LOGIN_GUESS) {
        hint_at_profile(session, error);
    }
    return code;
}

bool session_can_log_in(const mstr_session *session)
{
    const struct login_mode *mode = NULL;
    return choose_mode(session, &mode, NULL) == MSTR_OK;
}

/* Everything one login resolves: base URL, the two network secrets, and what the mode needs. */
enum { WANT_BASE, WANT_PROXY, WANT_KEY, WANT_FIRST_NEED, WANTS_MAX = WANT_FIRST_NEED + LOGIN_NEEDS_MAX };

static void fill_wants(const mstr_session *session, const struct login_mode *mode,
                       struct credential_want wants[WANTS_MAX])
{
    static const enum mstr_credential_kind always[WANT_FIRST_NEED] = {
        MSTR_CREDENTIAL_BASE_URL, MSTR_CREDENTIAL_PROXY_PASSWORD, MSTR_CREDENTIAL_KEY_PASSPHRASE};
    for (size_t i = 0; i < WANT_FIRST_NEED + mode->need_count; i++) {
        enum mstr_credential_kind kind = i < WANT_FIRST_NEED ? always[i] : mode->needs[i - WANT_FIRST_NEED];
        wants[i] = (struct credential_want){.kind = kind, .credential = session->credentials[kind]};
    }
}

static void release_wants(struct credential_want wants[WANTS_MAX])
{
    for (size_t i = 0; i < WANTS_MAX; i++) {
        mstr_secret_release(wants[i].value);
        wants[i].value = NULL;
    }
}

/* Puts what was resolved for the network into the session. */
static enum mstr_code keep_network(mstr_session *session, const struct credential_want *wants, mstr_error *error)
{
    struct buffer base = BUFFER_INIT;
    enum mstr_code code = MSTR_OK;
    if (wants[WANT_BASE].value == NULL) {
        return base_url_tell_absent(error);
    }
    code = base_url_read(mstr_secret_octets(wants[WANT_BASE].value), session->settings.allow_plain, &base, error);
    char *given = code == MSTR_OK ? buffer_take(&base) : NULL;
    if (code == MSTR_OK && given == NULL) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (code == MSTR_OK) {
        pthread_mutex_lock(&session->mutex);
        session_move(session, given);
        mstr_secret_release(session->proxy_password);
        mstr_secret_release(session->key_passphrase);
        session->proxy_password = mstr_secret_retain(wants[WANT_PROXY].value);
        session->key_passphrase = mstr_secret_retain(wants[WANT_KEY].value);
        pthread_mutex_unlock(&session->mutex);
    }
    buffer_release(&base);
    return code;
}

/* The members of a JSON object, which settings_read() has checked, after others. */
static void put_fields(struct buffer *body, const char *object)
{
    size_t start = object != NULL ? (size_t)(strchr(object, '{') - object) + 1 : 0;
    start += object != NULL ? strspn(object + start, " \t\r\n") : 0;
    if (object != NULL && object[start] != '}') {
        const char *end = strrchr(object, '}');
        buffer_putc(body, ',');
        buffer_append(body, object + start, (size_t)(end - object) - start);
    }
}

static bool build_body(const mstr_session *session, const struct login_mode *mode,
                       const struct credential_want *needs, struct buffer *body)
{
    size_t length = 64 + (session->settings.login_fields != NULL ? strlen(session->settings.login_fields) : 0);
    for (size_t i = 0; i < mode->need_count; i++) {
        length += 6 * mstr_secret_length(needs[i].value) + 32;
    }
    buffer_reserve(body, length); /* at its largest, so that no growth leaves a copy */
    buffer_putc(body, '{');
    for (size_t i = 0; i < mode->need_count; i++) {
        buffer_printf(body, "\"%s\":", members[mode->needs[i]]);
        json_put_string(body, mstr_secret_octets(needs[i].value), mstr_secret_length(needs[i].value));
        buffer_putc(body, ',');
    }
    buffer_printf(body, "\"loginMode\":%d", (int)mode->mode);
    if (mode->mode != MSTR_LOGIN_DELEGATE) {
        buffer_printf(body, ",\"applicationType\":%" PRId32, session->settings.application_type);
        put_fields(body, session->settings.login_fields);
    }
    return buffer_putc(body, '}');
}

/* What an answer without a token means. */
static enum mstr_code tell_no_token(const struct mstr_http_response *answer, const char *what, mstr_error *error)
{
    int status = http_answer(answer)->status;
    if (status >= 400) {
        enum mstr_code code = server_error_tell(answer, what, error);
        if (code == MSTR_E_SESSION) { /* there was none yet: what is refused here is the login */
            error_prefix(error, "login refused: ");
            return MSTR_E_AUTHENTICATION;
        }
        return code;
    }
    error_set(error, MSTR_E_PROTOCOL, "%s: HTTP status %d without a token", what, status);
    error_set_http_status(error, status);
    error_set_hint(error,
                   "check base_url, which ends in /api/, and whether a single sign-on page stands before the server");
    return MSTR_E_PROTOCOL;
}

static bool has_token(const struct mstr_http_response *answer)
{
    const char *token = http_header(answer, "X-MSTR-AuthToken");
    return token != NULL && *token != '\0';
}

/* Ends a session that the server has begun and that cannot be kept, as its answer was broken or nobody waits for it:
 * with what came of it, after which the token is the one before. */
static void end_begun(mstr_session *session, mstr_secret *before, const struct mstr_http_response *answer)
{
    if (http_answer(answer)->status < 300 && has_token(answer)) {
        session_log_out(session, NULL, NULL);
        session_keep_token(session, mstr_secret_retain(before));
    }
}

/* Sends a request that begins the session; `json` NULL = without a body. `secrets` as those of an exchange. */
static enum mstr_code begin(mstr_session *session, const char *method, const char *path, const struct buffer *json,
                            const char *const *secrets, bool delegated, const struct limits *limits,
                            mstr_error *error)
{
    struct buffer url = BUFFER_INIT;
    struct buffer what = BUFFER_INIT;
    struct mstr_http_response *answer = NULL;
    char *base = NULL;
    mstr_secret *before = session_token(session);
    enum mstr_code code = session_base(session, &base, error);
    code = code == MSTR_OK ? url_join(base, path, NULL, 0, &url, error) : code;
    buffer_printf(&what, "%s %s", method, path);
    if (code == MSTR_OK) {
        const struct exchange login = {.method = method,
                                       .url = buffer_text(&url),
                                       .body = json != NULL ? buffer_text(json) : NULL,
                                       .body_length = json != NULL ? json->length : 0,
                                       .content_type = json != NULL ? "application/json" : NULL,
                                       .response_limit = SESSION_ANSWER_LIMIT,
                                       .secrets = secrets,
                                       .login = true,
                                       .delegated = delegated};
        code = session_attempt(session, &login, limits, &answer, error);
    }
    if (code == MSTR_OK && !delegated && has_token(answer) && limits_cancelled(limits)) {
        code = error_set(error, MSTR_E_CANCELLED, "%s cancelled", buffer_text(&what));
    }
    if (code != MSTR_OK && answer != NULL) {
        end_begun(session, before, answer);
    }
    mstr_secret_release(before);
    if (code == MSTR_OK && (http_answer(answer)->status >= 300 || !has_token(answer))) {
        code = tell_no_token(answer, buffer_text(&what), error);
    }
    error_set_step(code != MSTR_OK ? error : NULL, "login");
    http_response_free(answer);
    buffer_release(&url);
    buffer_release(&what);
    free(base);
    return code;
}

static enum mstr_code post_login(mstr_session *session, const struct login_mode *mode,
                                 const struct credential_want *needs, const struct limits *limits, mstr_error *error)
{
    bool delegated = mode->mode == MSTR_LOGIN_DELEGATE;
    struct buffer body = BUFFER_INIT;
    const char *secrets[LOGIN_NEEDS_MAX + 1] = {NULL};
    for (size_t i = 0, count = 0; i < mode->need_count; i++) {
        if (mode->mode == MSTR_LOGIN_API_KEY || mode->needs[i] != MSTR_CREDENTIAL_USERNAME) {
            secrets[count++] = mstr_secret_octets(needs[i].value);
        }
    }
    enum mstr_code code = build_body(session, mode, needs, &body)
                              ? begin(session, "POST", delegated ? "auth/delegate" : "auth/login", &body, secrets,
                                      delegated, limits, error)
                              : error_set(error, MSTR_E_MEMORY, "out of memory");
    buffer_release(&body);
    return code;
}

/* What is tried, and where: what the memory of refused logins knows it by. */
static void put_tried(mstr_session *session, const struct login_mode *mode, const struct credential_want *needs,
                      struct buffer *tried)
{
    char *base = NULL;
    tried->failed = session_base(session, &base, NULL) == MSTR_E_MEMORY;
    size_t length = 32 + (base != NULL ? strlen(base) : 0);
    for (size_t i = 0; i < mode->need_count; i++) {
        length += 1 + mstr_secret_length(needs[i].value);
    }
    buffer_reserve(tried, length);
    buffer_printf(tried, "%d %s", (int)mode->mode, base != NULL ? base : "");
    for (size_t i = 0; i < mode->need_count; i++) {
        buffer_putc(tried, '\0'); /* which no value has */
        buffer_append(tried, mstr_secret_octets(needs[i].value), mstr_secret_length(needs[i].value));
    }
    free(base);
}

/* Whose login it is, and where. */
static void put_account(mstr_session *session, const struct login_mode *mode, const struct credential_want *needs,
                        struct buffer *account)
{
    char *base = NULL;
    account->failed = session_base(session, &base, NULL) == MSTR_E_MEMORY;
    buffer_printf(account, "%d %s", (int)mode->mode, base != NULL ? base : "");
    if (mode->need_count > 0 && mode->needs[0] == MSTR_CREDENTIAL_USERNAME) {
        buffer_printf(account, " %s", mstr_secret_octets(needs[0].value));
    }
    free(base);
}

static void tell_remembered(int64_t wait, mstr_error *error)
{
    error_set(error, MSTR_E_AUTHENTICATION,
              "the server refused these credentials before; they are not sent again for %" PRId64
              " s, lest the account be locked",
              (wait + 999) / 1000);
    error_set_step(error, "login");
    error_set_hint(error, "put the right ones into the secret store; values that changed are tried at once");
}

/* Logs in, unless the same was refused lately. Credentials that came from references alone are remembered, as those a
 * program gives may be typed by somebody, and whatever many processes would try one after another. *look tells
 * whether a refusal is worth a look for better values. */
static enum mstr_code try_login(mstr_session *session, const struct login_mode *mode,
                                const struct credential_want *needs, const struct limits *limits, bool *look,
                                mstr_error *error)
{
    struct refusals *refusals = context_refusals(session->context);
    struct buffer tried = BUFFER_INIT;
    struct trial trial;
    bool remembered = session->refused_elsewhere != NULL;
    *look = true;
    for (size_t i = 0; i < mode->need_count; i++) {
        remembered |= needs[i].referenced;
    }
    if (!remembered) {
        return post_login(session, mode, needs, limits, error);
    }
    put_tried(session, mode, needs, &tried);
    enum mstr_code code = refusals_enter(refusals, session->refused_elsewhere, &tried, limits, &trial);
    buffer_release(&tried);
    if (code == MSTR_OK) {
        code = post_login(session, mode, needs, limits, error);
        refusals_leave(refusals, &trial, code);
    } else if (code == MSTR_E_AUTHENTICATION) {
        *look = trial.look_again;
        tell_remembered(trial.wait, error);
    } else {
        error_set(error, code, "%s while another login with the same credentials was under way",
                  mstr_code_text(code));
    }
    return code;
}

/* A login that is only to see whether it works: by the rules that all such logins of the user keep together. */
static enum mstr_code try_on_record(mstr_session *session, const struct login_mode *mode,
                                    const struct credential_want *needs, const struct limits *limits,
                                    mstr_error *error)
{
    struct login_record record;
    struct buffer account = BUFFER_INIT;
    struct buffer tried = BUFFER_INIT;
    mstr_error *own = mstr_error_new();
    bool look = false; /* a second login for better values would not be one a minute */
    put_account(session, mode, needs, &account);
    put_tried(session, mode, needs, &tried);
    enum mstr_code code = login_record_begin(&record, &account, &tried, limits, error);
    enum mstr_code kept = code == MSTR_E_CONFIG ? code : MSTR_OK;
    if (kept != MSTR_OK) {
        error_copy(own, error);
        mstr_error_clear(error);
    }
    if (code == MSTR_OK || kept != MSTR_OK) {
        session->refused_elsewhere = &record.refused;
        code = try_login(session, mode, needs, limits, &look, error);
        session->refused_elsewhere = NULL;
        if (kept == MSTR_OK && (code == MSTR_OK || mstr_error_http_status(error) != 0)) {
            kept = login_record_keep(&record, own);
        }
    }
    if (kept != MSTR_OK) {
        log_write(context_log(session->context), MSTR_LEVEL_WARN, "session",
                  "other processes do not learn how the login ended: %s", mstr_error_message(own));
    }
    login_record_end(&record);
    mstr_error_free(own);
    buffer_release(&account);
    buffer_release(&tried);
    return code;
}

/* Whether a fresh look at the store gave other values than the ones refused. */
static bool has_changed(const struct credential_want *old, const struct credential_want *fresh, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (old[i].value != NULL && fresh[i].value != NULL && !secret_equal(old[i].value, fresh[i].value)) {
            return true;
        }
    }
    return false;
}

/* A refused login with values that were cached: look at the store once more, and try again only with other values. A
 * second attempt with the same password would only bring the account nearer to its lock. */
static enum mstr_code try_fresh(mstr_session *session, const struct login_mode *mode,
                                const struct credential_want *refused, enum mstr_code code,
                                const struct limits *limits, mstr_error *error)
{
    struct credential_want fresh[WANTS_MAX] = {{.credential = NULL}};
    size_t count = WANT_FIRST_NEED + mode->need_count;
    bool cached = false;
    for (size_t i = WANT_FIRST_NEED; i < count; i++) {
        cached |= refused[i].from_cache;
    }
    if (!cached) {
        return code;
    }
    fill_wants(session, mode, fresh);
    if (context_resolve(session->context, fresh, count, true, limits, NULL) == MSTR_OK &&
        has_changed(refused, fresh, count)) {
        log_write(context_log(session->context), MSTR_LEVEL_INFO, "session",
                  "login refused with cached credentials; trying those the store has now");
        code = try_login(session, mode, fresh + WANT_FIRST_NEED, limits, &cached, error);
    }
    release_wants(fresh);
    return code;
}

enum mstr_code session_log_in(mstr_session *session, const struct limits *limits, mstr_error *error)
{
    struct credential_want wants[WANTS_MAX] = {{.credential = NULL}};
    const struct login_mode *mode = NULL;
    bool look = false;
    enum mstr_code code = session_prepare(session, limits, error);
    code = code == MSTR_OK ? choose_mode(session, &mode, error) : code;
    if (code != MSTR_OK) {
        return code;
    }
    size_t count = WANT_FIRST_NEED + mode->need_count;
    fill_wants(session, mode, wants);
    code = context_resolve(session->context, wants, count, false, limits, error);
    if (code == MSTR_OK) {
        code = keep_network(session, wants, error);
    }
    if (code == MSTR_OK && (session->settings.flags & MSTR_SESSION_TRIAL) != 0) {
        code = try_on_record(session, mode, wants + WANT_FIRST_NEED, limits, error);
    } else if (code == MSTR_OK) {
        code = try_login(session, mode, wants + WANT_FIRST_NEED, limits, &look, error);
        if (code == MSTR_E_AUTHENTICATION && look) {
            code = try_fresh(session, mode, wants, code, limits, error);
        }
    }
    release_wants(wants);
    return code;
}

/* Whether several workers may share a session of this mode: a name or an API key says whose it is. */
static bool is_shareable(const struct login_mode *mode)
{
    return mode->need_count > 0 &&
           (mode->needs[0] == MSTR_CREDENTIAL_USERNAME || mode->needs[0] == MSTR_CREDENTIAL_API_KEY);
}

enum mstr_code session_find_account(mstr_session *session, const struct limits *limits,
                                    const struct login_mode **mode, mstr_secret **user, char **base,
                                    mstr_error *error)
{
    struct credential_want wants[WANTS_MAX] = {{.credential = NULL}};
    *user = NULL;
    *base = NULL;
    enum mstr_code code = session_prepare(session, limits, error);
    code = code == MSTR_OK ? choose_mode(session, mode, error) : code;
    if (code != MSTR_OK || !is_shareable(*mode)) {
        return code;
    }
    fill_wants(session, *mode, wants);
    code = context_resolve(session->context, wants, WANT_FIRST_NEED + 1, false, limits, error);
    code = code == MSTR_OK ? keep_network(session, wants, error) : code;
    code = code == MSTR_OK ? session_base(session, base, error) : code;
    if (code == MSTR_OK) {
        *user = mstr_secret_retain(wants[WANT_FIRST_NEED].value);
    }
    release_wants(wants);
    return code;
}

bool session_is_refused(mstr_session *session, const struct refusal_record *record, const struct limits *limits,
                        mstr_error *error)
{
    struct credential_want wants[WANTS_MAX] = {{.credential = NULL}};
    const struct login_mode *mode = NULL;
    unsigned char digest[REFUSAL_DIGEST];
    struct buffer tried = BUFFER_INIT;
    int64_t wait = 0;
    if (choose_mode(session, &mode, NULL) != MSTR_OK) {
        return false;
    }
    fill_wants(session, mode, wants);
    if (context_resolve(session->context, wants, WANT_FIRST_NEED + mode->need_count, false, limits, NULL) ==
        MSTR_OK) {
        put_tried(session, mode, wants + WANT_FIRST_NEED, &tried);
        const struct refusal *refusal =
            refusal_digest(record->key, &tried, digest) ? refusal_record_find(record, digest) : NULL;
        wait = refusal != NULL ? refusal_pause(refusal, clock_monotonic()) : 0;
    }
    if (wait > 0) {
        tell_remembered(wait, error);
    }
    buffer_release(&tried);
    release_wants(wants);
    return wait > 0;
}

enum mstr_code session_adopt(mstr_session *session, const mstr_secret *token, const struct limits *limits,
                             mstr_error *error)
{
    static const struct login_mode none = {.need_count = 0};
    struct credential_want wants[WANTS_MAX] = {{.credential = NULL}};
    enum mstr_code code = session_prepare(session, limits, error);
    fill_wants(session, &none, wants);
    code = code == MSTR_OK ? context_resolve(session->context, wants, WANT_FIRST_NEED, false, limits, error) : code;
    code = code == MSTR_OK ? keep_network(session, wants, error) : code;
    if (code == MSTR_OK && token == NULL) {
        code = begin(session, "GET", "auth/token", NULL, NULL, true, limits, error);
    } else if (code == MSTR_OK) {
        mstr_secret *copy = mstr_secret_new(mstr_secret_octets(token), mstr_secret_length(token));
        pthread_mutex_lock(&session->mutex);
        session->token = copy;
        session->delegated = true;
        session->taken_up = true;
        pthread_mutex_unlock(&session->mutex);
        code = copy != NULL ? MSTR_OK : error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    release_wants(wants);
    return code;
}
