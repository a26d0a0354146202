/* SPDX-License-Identifier: Apache-2.0 */
/* The requests that begin a session. */
#include "session/login/login_request.h"

#include "base/error.h"
#include "base/json.h"
#include "session/attempt.h"
#include "session/login/logout.h"
#include "session/parts/server_error.h"
#include "session/parts/url.h"

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

static bool build_body(const mstr_session *session, const struct login_values *values, struct buffer *body)
{
    const struct login_mode *mode = values->mode;
    size_t length = 64 + (session->settings.login_fields != NULL ? strlen(session->settings.login_fields) : 0);
    for (size_t i = 0; i < mode->need_count; i++) {
        length += 6 * mstr_secret_length(login_value(values, i)) + 32;
    }
    buffer_reserve(body, length); /* at its largest, so that no growth leaves a copy */
    buffer_putc(body, '{');
    for (size_t i = 0; i < mode->need_count; i++) {
        buffer_printf(body, "\"%s\":", members[mode->needs[i]]);
        json_put_string(body, mstr_secret_octets(login_value(values, i)), mstr_secret_length(login_value(values, i)));
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
            return error_set_class(error, MSTR_E_AUTHENTICATION);
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
static void end_begun(mstr_session *session, mstr_secret *before, const struct mstr_http_response *answer, bool late)
{
    const mstr_call_options own = {.size = sizeof(own), .timeout = LOGOUT_TIMEOUT_LATE};
    if (http_answer(answer)->status < 300 && has_token(answer)) {
        session_log_out(session, late ? &own : NULL, NULL);
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
    enum mstr_code late = code == MSTR_OK && !delegated && has_token(answer) ? limits_check(limits) : MSTR_OK;
    if (late != MSTR_OK) {
        code = error_set(error, late, "%s %s", buffer_text(&what), mstr_code_text(late));
    }
    if (code != MSTR_OK && answer != NULL) {
        end_begun(session, before, answer, late != MSTR_OK);
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

enum mstr_code login_request_post(mstr_session *session, const struct login_values *values,
                                  const struct limits *limits, mstr_error *error)
{
    const struct login_mode *mode = values->mode;
    bool delegated = mode->mode == MSTR_LOGIN_DELEGATE;
    struct buffer body = BUFFER_INIT;
    const char *secrets[LOGIN_NEEDS_MAX + 1] = {NULL};
    for (size_t i = 0, count = 0; i < mode->need_count; i++) {
        if (mode->mode == MSTR_LOGIN_API_KEY || mode->needs[i] != MSTR_CREDENTIAL_USERNAME) {
            secrets[count++] = mstr_secret_octets(login_value(values, i));
        }
    }
    enum mstr_code code = build_body(session, values, &body)
                              ? begin(session, "POST", delegated ? "auth/delegate" : "auth/login", &body, secrets,
                                      delegated, limits, error)
                              : error_set(error, MSTR_E_MEMORY, "out of memory");
    buffer_release(&body);
    return code;
}

enum mstr_code login_request_token(mstr_session *session, const struct limits *limits, mstr_error *error)
{
    return begin(session, "GET", "auth/token", NULL, NULL, true, limits, error);
}
