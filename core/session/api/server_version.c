/* SPDX-License-Identifier: Apache-2.0 */
/* The version of the server, and comparing versions. */
#include "session/attempt.h"

#include "base/error.h"
#include "base/text.h"
#include "session/parts/response.h"

#include <stdlib.h>
#include <string.h>

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
        code = response_tell_absent(error, MSTR_E_PROTOCOL, "GET status: the answer tells no version");
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
