/* Requests of a program: what it may say, where it goes, and what becomes of the answer. */
#include "session/session.h"

#include "error/error.h"
#include "session/server_error.h"
#include "session/url.h"
#include "util/text.h"

#include <stdlib.h>
#include <string.h>

enum { CALLER_HEADERS_MAX = 50 };

/* Headers that are the session's own. */
static const char *const reserved[] = {
    "X-MSTR-AuthToken", "X-MSTR-ProjectID", "Cookie", "Content-Type", "Content-Length", "Host", "Transfer-Encoding"};

static enum mstr_code check(const mstr_session_request *request, mstr_error *error)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"};
    bool known = request->method == NULL;
    for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
        known |= request->method != NULL && strcmp(methods[i], request->method) == 0;
    }
    if (!known || request->path == NULL) {
        return error_set(error, MSTR_E_USAGE,
                         "a request needs a path and one of the methods GET, POST, PUT, PATCH, DELETE, "
                         "HEAD and OPTIONS");
    }
    if (request->header_count > CALLER_HEADERS_MAX) {
        return error_set(error, MSTR_E_USAGE, "more than %d headers", CALLER_HEADERS_MAX);
    }
    for (size_t i = 0; i < request->header_count; i++) {
        for (size_t j = 0; j < sizeof(reserved) / sizeof(*reserved); j++) {
            if (text_equal_nocase(request->headers[i].name, reserved[j])) {
                return error_set(error, MSTR_E_USAGE, "the header %s is the session's own", reserved[j]);
            }
        }
    }
    return MSTR_OK;
}

/* Requests about sessions and projects are not of a project. */
static enum mstr_code find_project(mstr_session *session, const mstr_session_request *request,
                                   const struct limits *limits, char **id, mstr_error *error)
{
    const char *project = request->project != NULL ? request->project : session->settings.project;
    *id = NULL;
    return text_empty(project) ? MSTR_OK : session_project_id(session, project, limits, id, error);
}

static enum mstr_code send(mstr_session *session, const mstr_session_request *request, const char *url,
                           struct mstr_http_response **answer, mstr_error *error)
{
    const struct limits limits = session_limits(session, request->call);
    bool authenticated = (request->flags & MSTR_REQUEST_NO_AUTH) == 0;
    char *project = NULL;
    if (authenticated && !mstr_session_is_open(session)) {
        error_set(error, MSTR_E_SESSION, "there is no valid session");
        error_set_hint(error, "open the session first");
        return MSTR_E_SESSION;
    }
    enum mstr_code code = authenticated ? find_project(session, request, &limits, &project, error) : MSTR_OK;
    if (code == MSTR_OK) {
        const char *type = request->content_type != NULL ? request->content_type : "application/json";
        const struct exchange exchange = {
            .method = request->method != NULL ? request->method : "GET",
            .url = url,
            .headers = request->headers,
            .header_count = request->header_count,
            .body = request->body,
            .body_length = request->body_length,
            .content_type = request->body != NULL ? type : NULL,
            .project_id = project,
            .authenticated = authenticated,
        };
        code = session_deliver(session, &exchange, &limits, answer, error);
    }
    free(project);
    return code;
}

static enum mstr_code tell_refusal(const mstr_session_request *request, const struct mstr_http_response *answer,
                                   mstr_error *error)
{
    struct buffer what = BUFFER_INIT;
    buffer_printf(&what, "%s %.*s", request->method != NULL ? request->method : "GET",
                  (int)strcspn(request->path, "?"), request->path);
    enum mstr_code code = server_error_tell(answer, buffer_text(&what), true, error);
    buffer_release(&what);
    return code;
}

/* The base URL, resolved if no login did so yet. */
static enum mstr_code find_base(mstr_session *session, const struct limits *limits, char **base, mstr_error *error)
{
    struct credential_want want = {.name = "base_url", .credential = session->credentials[MSTR_CREDENTIAL_BASE_URL]};
    struct buffer normal = BUFFER_INIT;
    *base = session_base(session);
    if (*base != NULL) {
        return MSTR_OK;
    }
    if (want.credential == NULL) {
        return error_set(error, MSTR_E_CONFIG, "base_url is not configured");
    }
    enum mstr_code code = context_resolve(session->context, &want, 1, false, limits, error);
    if (code == MSTR_OK) {
        code = url_base(mstr_secret_octets(want.value), &normal, error);
    }
    if (code == MSTR_OK && (*base = text_copy(buffer_text(&normal))) == NULL) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    mstr_secret_release(want.value);
    buffer_release(&normal);
    return code;
}

enum mstr_code mstr_session_send(mstr_session *session, const mstr_session_request *request, mstr_response **out,
                                 mstr_error *error)
{
    const struct limits limits = session_limits(session, request->call);
    struct mstr_http_response *answer = NULL;
    struct buffer url = BUFFER_INIT;
    char *base = NULL;
    *out = NULL;
    enum mstr_code code = check(request, error);
    if (code == MSTR_OK) {
        code = find_base(session, &limits, &base, error);
    }
    if (code == MSTR_OK) {
        code = url_join(base, request->path, request->query, request->query_count, &url, error);
    }
    if (code == MSTR_OK) {
        code = send(session, request, buffer_text(&url), &answer, error);
    }
    if (code == MSTR_OK && http_answer(answer)->status >= 400 && (request->flags & MSTR_REQUEST_KEEP_ERRORS) == 0) {
        code = tell_refusal(request, answer, error);
    }
    if (code == MSTR_OK) {
        *out = response_wrap(answer, buffer_text(&url));
        code = *out != NULL ? MSTR_OK : error_set(error, MSTR_E_MEMORY, "out of memory");
    } else {
        http_response_free(answer);
    }
    buffer_release(&url);
    free(base);
    return code;
}

enum mstr_code mstr_session_get(mstr_session *session, const char *path, mstr_response **out, mstr_error *error)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    request.path = path;
    return mstr_session_send(session, &request, out, error);
}
