/* What the server offers about the session itself: keeping it alive, telling of it, tokens made from it, and the
 * server itself. */
#include "session/session.h"

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A call that belongs to no project. */
static enum mstr_code ask(mstr_session *session, const char *method, const char *path, mstr_response **out,
                          mstr_error *error)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    request.method = method;
    request.path = path;
    request.project = "";
    request.response_limit = SESSION_LIST_LIMIT;
    return mstr_session_send(session, &request, out, error);
}

enum mstr_code mstr_session_extend(mstr_session *session, mstr_error *error)
{
    mstr_response *response = NULL;
    enum mstr_code code = ask(session, "PUT", "sessions", &response, error);
    mstr_response_free(response);
    return code;
}

enum mstr_code mstr_session_info(mstr_session *session, mstr_response **out, mstr_error *error)
{
    return ask(session, "GET", "sessions", out, error);
}

enum mstr_code mstr_session_userinfo(mstr_session *session, mstr_response **out, mstr_error *error)
{
    return ask(session, "GET", "sessions/userInfo", out, error);
}

enum mstr_code mstr_session_put_sessions(mstr_session *session, mstr_error *error)
{
    return mstr_session_extend(session, error);
}

enum mstr_code mstr_session_get_sessions(mstr_session *session, mstr_response **out, mstr_error *error)
{
    return mstr_session_info(session, out, error);
}

enum mstr_code mstr_session_get_sessions_userinfo(mstr_session *session, mstr_response **out, mstr_error *error)
{
    return mstr_session_userinfo(session, out, error);
}

/* A token's text as a secret; a missing one is the server's fault. */
static enum mstr_code keep(const char *text, const char *path, mstr_secret **token, mstr_error *error)
{
    if (text == NULL || *text == '\0') {
        return error_set(error, MSTR_E_PROTOCOL, "POST %s: the answer holds no token", path);
    }
    *token = mstr_secret_new(text, strlen(text));
    return *token != NULL ? MSTR_OK : error_set(error, MSTR_E_MEMORY, "out of memory");
}

enum mstr_code mstr_session_create_identity_token(mstr_session *session, mstr_secret **token, mstr_error *error)
{
    mstr_response *response = NULL;
    *token = NULL;
    enum mstr_code code = ask(session, "POST", "auth/identityToken", &response, error);
    if (code == MSTR_OK) {
        code = keep(mstr_response_header(response, "X-MSTR-IdentityToken"), "auth/identityToken", token, error);
    }
    mstr_response_free(response);
    return code;
}

enum mstr_code mstr_session_check_identity_token(mstr_session *session, const mstr_secret *token, char user_id[33],
                                                 mstr_error *error)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    const struct mstr_header header = {"X-MSTR-IdentityToken", mstr_secret_octets(token)};
    mstr_response *response = NULL;
    request.path = "auth/identityToken";
    request.headers = &header;
    request.header_count = 1;
    request.flags = MSTR_REQUEST_NO_AUTH;
    request.response_limit = SESSION_ANSWER_LIMIT;
    enum mstr_code code = mstr_session_send(session, &request, &response, error);
    if (code == MSTR_OK && user_id != NULL) {
        const char *id = mstr_response_text(response, "/userId");
        if (id == NULL || strlen(id) > 32) {
            code = error_set(error, MSTR_E_PROTOCOL, "GET auth/identityToken: the answer names no user");
        } else {
            memcpy(user_id, id, strlen(id) + 1);
        }
    }
    mstr_response_free(response);
    return code;
}

enum mstr_code mstr_session_privileges(mstr_session *session, mstr_response **out, mstr_error *error)
{
    return ask(session, "GET", "sessions/privileges", out, error);
}

/* With the JSON that names another user, or NULL. */
static enum mstr_code create_api_token(mstr_session *session, const char *json, mstr_secret **token,
                                       mstr_error *error)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_response *response = NULL;
    size_t length = 0;
    request.method = "POST";
    request.path = "auth/apiTokens";
    request.response_limit = SESSION_ANSWER_LIMIT;
    request.project = "";
    request.body = json;
    request.body_length = json != NULL ? strlen(json) : 0;
    *token = NULL;
    enum mstr_code code = mstr_session_send(session, &request, &response, error);
    if (code == MSTR_OK) {
        const char *body = mstr_response_body(response, &length);
        struct json_object *answer = json_parse(body, length);
        code = keep(json_member_text(answer, "apiToken"), "auth/apiTokens", token, error);
        json_release(answer);
    }
    mstr_response_free(response);
    return code;
}

enum mstr_code mstr_session_create_api_token(mstr_session *session, mstr_secret **token, mstr_error *error)
{
    return create_api_token(session, NULL, token, error);
}

enum mstr_code mstr_session_create_api_token_for(mstr_session *session, const char *user_id, mstr_secret **token,
                                                 mstr_error *error)
{
    char json[64];
    *token = NULL;
    if (user_id == NULL || strspn(user_id, "0123456789ABCDEFabcdef") != 32 || user_id[32] != '\0') {
        return error_set(error, MSTR_E_USAGE, "the id of a user is 32 hexadecimal digits");
    }
    snprintf(json, sizeof(json), "{\"userId\":\"%s\"}", user_id);
    return create_api_token(session, json, token, error);
}

enum mstr_code mstr_session_server_version(mstr_session *session, char version[33], mstr_error *error)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_response *response = NULL;
    pthread_mutex_lock(&session->mutex);
    memcpy(version, session->server_version, sizeof(session->server_version));
    pthread_mutex_unlock(&session->mutex);
    if (version[0] != '\0') {
        return MSTR_OK;
    }
    request.path = "status";
    request.project = "";
    request.flags = MSTR_REQUEST_NO_AUTH;
    request.response_limit = SESSION_ANSWER_LIMIT;
    enum mstr_code code = mstr_session_send(session, &request, &response, error);
    const char *told = code == MSTR_OK ? mstr_response_text(response, "/iServerVersion") : NULL;
    if (code == MSTR_OK && (text_empty(told) || strlen(told) >= sizeof(session->server_version))) {
        code = error_set(error, MSTR_E_PROTOCOL, "GET status: the answer tells no version");
    }
    if (code == MSTR_OK) {
        pthread_mutex_lock(&session->mutex);
        strncpy(session->server_version, told, sizeof(session->server_version) - 1);
        memcpy(version, session->server_version, sizeof(session->server_version));
        pthread_mutex_unlock(&session->mutex);
    }
    mstr_response_free(response);
    return code;
}

int mstr_version_compare(const char *a, const char *b)
{
    while (*a != '\0' && *b != '\0') {
        char *end_a = NULL;
        char *end_b = NULL;
        unsigned long number_a = strtoul(a, &end_a, 10);
        unsigned long number_b = strtoul(b, &end_b, 10);
        if (number_a != number_b || *end_a != *end_b || *end_a != '.') {
            return (number_a > number_b) - (number_a < number_b);
        }
        a = end_a + 1;
        b = end_b + 1;
    }
    return 0;
}
