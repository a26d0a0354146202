/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Performs one of the calls that requests_test.py compares: session_calls BASE_URL CALL. Opens a session as the
 * analyst, makes the call, and closes the session. The Python side has a function of the same name for each.
 */
#include <mstr/mstr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct call {
    const char *name;
    mstr_session_request request;
    enum mstr_code (*run)(mstr_session *session, mstr_error *error); /* in place of a request */
};

static enum mstr_code release(enum mstr_code code, mstr_response *response)
{
    mstr_response_free(response);
    return code;
}

static enum mstr_code nothing(mstr_session *session, mstr_error *error)
{
    (void)session;
    (void)error;
    return MSTR_OK;
}

static enum mstr_code info(mstr_session *session, mstr_error *error)
{
    mstr_response *response = NULL;
    enum mstr_code code = mstr_session_get_sessions(session, &response, error);
    return release(code, response);
}

static enum mstr_code userinfo(mstr_session *session, mstr_error *error)
{
    mstr_response *response = NULL;
    enum mstr_code code = mstr_session_get_sessions_userinfo(session, &response, error);
    return release(code, response);
}

static enum mstr_code identity_token_and_status(mstr_session *session, mstr_error *error)
{
    mstr_secret *token = NULL;
    enum mstr_code code = mstr_session_create_identity_token(session, &token, error);
    mstr_secret_release(token);
    mstr_response *response = NULL;
    code = code == MSTR_OK ? mstr_session_get(session, "status", &response, error) : code;
    return release(code, response);
}

static const struct mstr_header pairs[] = {
    {"name", "a b&c=d"}, {"type", "3"}, {"type", "8"}, {"umlaut", "\xc3\xa4/?"}};
static const struct mstr_header headers[] = {{"X-Team", "blue"}, {"Prefer", "respond-async"}};
static const struct mstr_header cookie[] = {{"route", "node2"}};
static const mstr_part parts[] = {
    {sizeof(mstr_part), 0, "note", NULL, NULL, "hello", 5, NULL},
    {sizeof(mstr_part), 0, "file", "data.csv", "text/csv", "a,b\r\n1,2\r\n", 10, NULL},
};

#define PROJECT                       "B7CA92F04B9FAE8D941C3E9B7E0CD754"
#define REQUEST(its_method, its_path) .size = sizeof(mstr_session_request), .method = (its_method), .path = (its_path)
#define JSON(text)                    .body = (text), .body_length = sizeof(text) - 1

static const struct call calls[] = {
    {"login_and_logout", {.size = 0}, nothing},
    {"login_api_key", {.size = 0}, nothing},
    {"login_anonymous", {.size = 0}, nothing},
    {"extend", {.size = 0}, mstr_session_put_sessions},
    {"info", {.size = 0}, info},
    {"userinfo", {.size = 0}, userinfo},
    {"projects", {.size = 0}, mstr_session_load_projects},
    {"identity_token_and_status", {.size = 0}, identity_token_and_status},
    {"get", {REQUEST("GET", "v2/reports/x")}, NULL},
    {"get_params", {REQUEST("GET", "searches/results"), .query = pairs, .query_count = 4, .project = PROJECT}, NULL},
    {"get_query_in_url", {REQUEST("GET", "searches/results?limit=5"), .query = pairs + 1, .query_count = 1}, NULL},
    {"get_headers", {REQUEST("GET", "status"), .headers = headers, .header_count = 2}, NULL},
    {"get_cookies", {REQUEST("GET", "status"), .cookies = cookie, .cookie_count = 1}, NULL},
    {"head", {REQUEST("HEAD", "cubes/x"), .project = PROJECT}, NULL},
    {"options", {REQUEST("OPTIONS", "status")}, NULL},
    {"delete", {REQUEST("DELETE", "v2/reports/x/instances/y"), .project = PROJECT}, NULL},
    {"post_nothing", {REQUEST("POST", "auth/identityToken")}, NULL},
    {"post_json",
     {REQUEST("POST", "v2/reports/x/instances"), JSON("{\"a\":[1,2.5,null,true],\"b\":\"\xc3\xa4\"}")},
     NULL},
    {"put_json", {REQUEST("PUT", "reports/x/instances/y/prompts/answers"), JSON("{\"prompts\":[]}")}, NULL},
    {"patch_json", {REQUEST("PATCH", "objects/x"), JSON("{\"name\":\"n\"}")}, NULL},
    {"post_form", {REQUEST("POST", "auth/x"), .form = pairs, .form_count = 4}, NULL},
    {"post_raw", {REQUEST("POST", "x"), JSON("raw text"), .content_type = "text/plain"}, NULL},
    {"post_multipart", {REQUEST("POST", "x"), .parts = parts, .part_count = 2}, NULL},
    {"without_auth", {REQUEST("GET", "status"), .flags = MSTR_REQUEST_NO_AUTH}, NULL},
    {"leading_slash", {REQUEST("GET", "/status")}, NULL},
};

static enum mstr_code perform(mstr_session *session, const struct call *call, mstr_error *error)
{
    mstr_response *response = NULL;
    mstr_session_request request = call->request;
    if (call->run != NULL) {
        return call->run(session, error);
    }
    request.flags |= MSTR_REQUEST_KEEP_ERRORS;
    enum mstr_code code = mstr_session_send(session, &request, &response, error);
    return release(code, response);
}

static void give(mstr_session *session, enum mstr_credential_kind kind, const char *text)
{
    mstr_session_set_credential(session, kind, mstr_credential_literal(text));
}

static enum mstr_code run(mstr_context *context, const char *base, const struct call *call, mstr_error *error)
{
    mstr_session *session = NULL;
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    options.flags = MSTR_SESSION_NO_PROFILE;
    options.login_mode = strcmp(call->name, "login_anonymous") == 0 ? MSTR_LOGIN_ANONYMOUS : MSTR_LOGIN_GUESS;
    enum mstr_code code = mstr_session_new(context, &options, &session, error);
    if (code != MSTR_OK) {
        return code;
    }
    give(session, MSTR_CREDENTIAL_BASE_URL, base);
    if (strcmp(call->name, "login_api_key") == 0) {
        give(session, MSTR_CREDENTIAL_API_KEY, "sim-api-token-analyst");
    } else {
        give(session, MSTR_CREDENTIAL_USERNAME, "analyst");
        give(session, MSTR_CREDENTIAL_PASSWORD, "Simul8-analyst");
    }
    code = mstr_session_open(session, NULL, error);
    code = code == MSTR_OK ? perform(session, call, error) : code;
    code = code == MSTR_OK ? mstr_session_close(session, error) : code;
    mstr_session_free(session);
    return code;
}

int main(int argc, char **argv)
{
    mstr_context *context = NULL;
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    mstr_error *error = mstr_error_new();
    enum mstr_code code = MSTR_E_USAGE;
    options.flags = MSTR_CONTEXT_NO_CONFIG | MSTR_CONTEXT_NO_ENVIRONMENT;
    for (size_t i = 0; argc == 3 && i < sizeof(calls) / sizeof(*calls); i++) {
        if (strcmp(calls[i].name, argv[2]) == 0 && mstr_context_new(&options, &context, error) == MSTR_OK) {
            code = run(context, argv[1], &calls[i], error);
        }
    }
    if (code != MSTR_OK) {
        fprintf(stderr, "session_calls: %s: %s\n", mstr_code_name(code), mstr_error_message(error));
    }
    mstr_context_free(context);
    mstr_error_free(error);
    return code == MSTR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
