/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of a program: what it may say, where it goes, and what becomes of the answer. */
#include "session/exchange/request.h"

#include "base/error.h"
#include "base/given.h"
#include "base/text.h"
#include "session/exchange/exchange.h"
#include "session/exchange/project.h"
#include "session/exchange/request_body.h"
#include "session/exchange/request_url.h"
#include "session/parts/header.h"
#include "session/parts/response.h"
#include "session/parts/server_error.h"
#include "session/parts/url.h"

#include <stdlib.h>
#include <string.h>

enum { CALLER_HEADERS_MAX = 50 };

static bool is_method(const char *method)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"};
    for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
        if (strcmp(methods[i], method) == 0) {
            return true;
        }
    }
    return false;
}

enum mstr_code request_check(const mstr_session_request *request, mstr_error *error)
{
    static const uint32_t known = MSTR_REQUEST_NO_AUTH | MSTR_REQUEST_KEEP_ERRORS | MSTR_REQUEST_KEEP_REDIRECTS |
                                  MSTR_REQUEST_OTHER_ORIGIN | MSTR_REQUEST_AWAIT_ANSWER;
    return given_check("the request was", MSTR_HAS(request, mstr_session_request, path), request->flags, known,
                       error);
}

static enum mstr_code check(const mstr_session_request *request, mstr_error *error)
{
    if (!is_method(request->method) || request->path == NULL) {
        return error_set(error, MSTR_E_USAGE,
                         "a request needs a path and one of the methods GET, POST, PUT, PATCH, DELETE, "
                         "HEAD and OPTIONS");
    }
    if (settings_check_network(request->network, error) != MSTR_OK || given_call(request->call, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    if (request->header_count > CALLER_HEADERS_MAX) {
        return error_set(error, MSTR_E_USAGE, "more than %d headers", CALLER_HEADERS_MAX);
    }
    for (size_t i = 0; i < request->header_count; i++) {
        if (!header_is_allowed(request->headers[i].name, request->headers[i].value)) {
            return error_set(error, MSTR_E_USAGE, "the header %.60s is malformed or the session's own",
                             request->headers[i].name != NULL ? request->headers[i].name : "without a name");
        }
    }
    for (size_t i = 0; i < request->cookie_count; i++) {
        if (!cookies_is_pair(request->cookies[i].name, request->cookies[i].value)) {
            return error_set(error, MSTR_E_USAGE, "cookie %zu of the request is malformed", i + 1);
        }
    }
    return MSTR_OK;
}

/* The project of a request: its own, also without authentication, or the session's. */
static enum mstr_code find_project(mstr_session *session, const mstr_session_request *request, bool authenticated,
                                   const struct limits *limits, char **id, mstr_error *error)
{
    const char *project = request->project;
    if (project == NULL && authenticated) {
        project = session->settings.project;
    }
    *id = NULL;
    return text_empty(project) ? MSTR_OK : project_find(session, project, limits, id, error);
}

static enum mstr_code send_with_body(mstr_session *session, const mstr_session_request *request,
                                     struct exchange *exchange, const struct limits *limits,
                                     struct mstr_http_response **answer, mstr_error *error)
{
    struct request_body body = REQUEST_BODY_INIT;
    struct download download;
    char *project = NULL;
    enum mstr_code code = exchange->foreign
                              ? MSTR_OK
                              : find_project(session, request, exchange->authenticated, limits, &project, error);
    if (code == MSTR_OK) {
        code = request_body_open(&body, request, error);
    }
    if (code == MSTR_OK && request->writer != NULL) {
        code = download_init(&download, request->writer, error);
        exchange->download = &download;
    }
    if (code == MSTR_OK) {
        exchange->project_id = project;
        exchange->body = body.octets;
        exchange->body_length = body.length;
        exchange->upload = body.streamed ? &body.upload : NULL;
        exchange->content_type = body.content_type;
        code = session_exchange(session, exchange, limits, answer, error);
    }
    exchange->body = NULL; /* what it pointed to ends here */
    exchange->upload = NULL;
    exchange->download = NULL;
    request_body_release(&body);
    free(project);
    return code;
}

/* A gateway that wants a login of its own sends requests to a page, and with status 200 that would pass for an
 * answer. */
static bool is_login_page(const struct mstr_http_response *answer, const char *url)
{
    const char *type = http_header(answer, "Content-Type");
    return strcmp(http_url(answer), url) != 0 && http_answer(answer)->status < 300 && type != NULL &&
           text_equal_nocase_length(type, "text/html", strlen("text/html"));
}

static enum mstr_code tell_login_page(const struct mstr_http_response *answer, mstr_error *error)
{
    error_set(error, MSTR_E_AUTHENTICATION, "the server redirects to the page %.*s in place of an answer",
              (int)strcspn(http_url(answer), "?"), http_url(answer));
    error_set_http_status(error, http_answer(answer)->status);
    error_set_hint(error,
                   "a gateway before the server wants a login of its own; see mstr_session_set_basic_auth() and "
                   "mstr_session_set_header()");
    return MSTR_E_AUTHENTICATION;
}

/* Whether it is about credentials, which an agent gives of no session but one's own. */
static bool is_below_auth(const char *url, const char *base)
{
    static const char segment[] = "auth";
    const char *rest = url + strlen(base);
    return text_starts_with(url, base) && text_equal_nocase_length(rest, segment, sizeof(segment) - 1) &&
           strchr("/?", rest[sizeof(segment) - 1]) != NULL;
}

static enum mstr_code send(mstr_session *session, const mstr_session_request *request, const char *base,
                           const struct limits *limits, struct mstr_http_response **answer, mstr_error *error)
{
    bool foreign = request_url_is_foreign(request, base);
    bool authenticated = (request->flags & MSTR_REQUEST_NO_AUTH) == 0 && !foreign;
    struct buffer url = BUFFER_INIT;
    if (authenticated && !mstr_session_is_open(session)) {
        error_set(error, MSTR_E_SESSION, "there is no valid session");
        error_set_hint(error, "open the session first");
        return MSTR_E_SESSION;
    }
    enum mstr_code code = request_url_put(session, request, base, &url, error);
    if (code == MSTR_OK) {
        struct exchange exchange = {
            .method = request->method,
            .url = buffer_text(&url),
            .headers = request->headers,
            .header_count = request->header_count,
            .cookies = request->cookies,
            .cookie_count = request->cookie_count,
            .network = request->network,
            .response_limit = request->response_limit,
            .authenticated = authenticated,
            .foreign = foreign,
            .keep_redirects = (request->flags & MSTR_REQUEST_KEEP_REDIRECTS) != 0,
            .awaited = (request->flags & MSTR_REQUEST_AWAIT_ANSWER) != 0,
            .moving = url_is_absolute(request->path) ? NULL : &url,
            .base_length = strlen(base),
        };
        if (!foreign && is_below_auth(buffer_text(&url), base)) {
            session_leave_agent(session);
        }
        code = send_with_body(session, request, &exchange, limits, answer, error);
        if (code == MSTR_OK && (request->flags & MSTR_REQUEST_KEEP_ERRORS) == 0 &&
            is_login_page(*answer, buffer_text(&url))) {
            code = tell_login_page(*answer, error);
        }
    }
    buffer_release(&url);
    return code;
}

static enum mstr_code tell_refusal(const mstr_session_request *request, const struct mstr_http_response *answer,
                                   mstr_error *error)
{
    struct buffer what = BUFFER_INIT;
    buffer_printf(&what, "%s %.*s", request->method, (int)strcspn(request->path, "?"), request->path);
    enum mstr_code code = server_error_tell(answer, buffer_text(&what), error);
    buffer_release(&what);
    return code;
}

/* The request with defaults in place of what it leaves out, or an older program does not know of. */
static mstr_session_request complete(const mstr_session_request *request)
{
    mstr_session_request whole = MSTR_SESSION_REQUEST_INIT;
    memcpy(&whole, request, request->size < sizeof(whole) ? request->size : sizeof(whole));
    whole.method = whole.method != NULL ? whole.method : "GET";
    return whole;
}

enum mstr_code mstr_session_send(mstr_session *session, const mstr_session_request *request, mstr_response **out,
                                 mstr_error *error)
{
    *out = NULL;
    if (request_check(request, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    const mstr_session_request whole = complete(request);
    const struct limits limits = session_limits(session, whole.call);
    struct mstr_http_response *answer = NULL;
    char *base = NULL;
    enum mstr_code code = check(&whole, error);
    if (code == MSTR_OK) {
        code = session_find_base(session, &limits, &base, error);
    }
    if (code == MSTR_OK) {
        code = send(session, &whole, base, &limits, &answer, error);
    }
    if (code == MSTR_OK && http_answer(answer)->status >= 400 && (whole.flags & MSTR_REQUEST_KEEP_ERRORS) == 0) {
        code = tell_refusal(&whole, answer, error);
    }
    if (code == MSTR_OK && (*out = response_wrap(answer)) == NULL) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (code != MSTR_OK) {
        http_response_free(answer);
    }
    free(base);
    return code;
}
