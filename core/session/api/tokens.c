/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens that the server makes from a session: those of an identity, and those of its API. */
#include <mstr/session.h>

#include "base/error.h"
#include "session/attempt.h"
#include "session/parts/response.h"

#include <stdio.h>
#include <string.h>

#define no_token "POST %s: the answer holds no token"

/* A token's text as a secret; a missing one is the server's fault. */
static enum mstr_code keep(const char *text, const char *path, mstr_secret **token, mstr_error *error)
{
    if (text == NULL || *text == '\0') {
        return error_set(error, MSTR_E_PROTOCOL, no_token, path);
    }
    *token = mstr_secret_new(text, strlen(text));
    return *token != NULL ? MSTR_OK : error_set(error, MSTR_E_MEMORY, "out of memory");
}

/* POST without a project. */
static enum mstr_code post(mstr_session *session, const char *path, const char *json, mstr_response **out,
                           mstr_error *error)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    session_leave_agent(session);
    request.method = "POST";
    request.path = path;
    request.project = "";
    request.response_limit = SESSION_ANSWER_LIMIT;
    request.body = json;
    request.body_length = json != NULL ? strlen(json) : 0;
    return mstr_session_send(session, &request, out, error);
}

enum mstr_code mstr_session_create_identity_token(mstr_session *session, mstr_secret **token, mstr_error *error)
{
    mstr_response *response = NULL;
    *token = NULL;
    enum mstr_code code = post(session, "auth/identityToken", NULL, &response, error);
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
            code = response_tell_absent(error, MSTR_E_PROTOCOL, "GET auth/identityToken: the answer names no user");
        } else {
            memcpy(user_id, id, strlen(id) + 1);
        }
    }
    mstr_response_free(response);
    return code;
}

/* With the JSON that names another user, or NULL. */
static enum mstr_code create_api_token(mstr_session *session, const char *json, mstr_secret **token,
                                       mstr_error *error)
{
    mstr_response *response = NULL;
    static const char path[] = "auth/apiTokens";
    *token = NULL;
    enum mstr_code code = post(session, path, json, &response, error);
    if (code == MSTR_OK) {
        const char *text = mstr_response_text(response, "/apiToken");
        code = text == NULL ? response_tell_absent(error, MSTR_E_PROTOCOL, no_token, path)
                            : keep(text, path, token, error);
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
