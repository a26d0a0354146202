/* SPDX-License-Identifier: Apache-2.0 */
/* Changesets of the modeling service: begun, filled by requests that carry their id, committed, and always
 * deleted. */
#include <mstr/changeset.h>

#include "session/parts/response.h"
#include "session/session.h"

#include "base/error.h"
#include "base/given.h"
#include "base/log.h"
#include "base/text.h"
#include "session/exchange/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADERS_MAX = 50, ID_MAX = 64, DELETE_TIMEOUT = 5000 };

static const char changeset_header[] = "X-MSTR-MS-Changeset";

struct mstr_changeset {
    mstr_session *session;
    char *project; /* NULL = the session's */
    char id[ID_MAX];
};

static bool take_id(mstr_changeset *changeset, const mstr_response *response)
{
    const char *id = mstr_response_text(response, "/id");
    if (text_empty(id) || strlen(id) >= ID_MAX || !text_is_made_of(id, "-")) {
        return false;
    }
    memcpy(changeset->id, id, strlen(id) + 1);
    return true;
}

enum mstr_code mstr_changeset_begin(mstr_session *session, const char *project, uint32_t flags, mstr_changeset **out,
                                    mstr_error *error)
{
    const struct mstr_header query = {"schemaEdit", (flags & MSTR_CHANGESET_SCHEMA) != 0 ? "true" : "false"};
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_response *response = NULL;
    *out = NULL;
    if (given_check("the changeset was", true, flags, MSTR_CHANGESET_SCHEMA, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    mstr_changeset *changeset = calloc(1, sizeof(*changeset));
    if (changeset == NULL || (project != NULL && (changeset->project = text_copy(project)) == NULL)) {
        free(changeset);
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    changeset->session = session;
    session_leave_agent(session); /* it holds for a session of one's own */
    request.method = "POST";
    request.path = "model/changesets";
    request.query = &query;
    request.query_count = 1;
    request.project = changeset->project;
    enum mstr_code code = mstr_session_send(session, &request, &response, error);
    if (code == MSTR_OK && !take_id(changeset, response)) {
        code = response_tell_absent(error, MSTR_E_PROTOCOL, "POST model/changesets: the answer names no changeset");
    }
    mstr_response_free(response);
    if (code != MSTR_OK) {
        mstr_changeset_free(changeset);
        return code;
    }
    *out = changeset;
    return MSTR_OK;
}

enum mstr_code mstr_changeset_send(mstr_changeset *changeset, const mstr_session_request *request,
                                   mstr_response **out, mstr_error *error)
{
    mstr_session_request whole = MSTR_SESSION_REQUEST_INIT;
    struct mstr_header headers[HEADERS_MAX];
    *out = NULL;
    if (request_check(request, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    memcpy(&whole, request, request->size < sizeof(whole) ? request->size : sizeof(whole));
    if (whole.project != NULL || whole.header_count >= HEADERS_MAX) {
        return error_set(error, MSTR_E_USAGE, "a changeset has its own project, and room for %d headers of a request",
                         HEADERS_MAX - 1);
    }
    headers[0] = (struct mstr_header){changeset_header, changeset->id};
    for (size_t i = 0; i < whole.header_count; i++) {
        headers[i + 1] = whole.headers[i];
    }
    whole.headers = headers;
    whole.header_count++;
    whole.project = changeset->project;
    return mstr_session_send(changeset->session, &whole, out, error);
}

/* A request about the changeset itself. */
static enum mstr_code ask(mstr_changeset *changeset, const char *method, const char *tail,
                          const mstr_call_options *call, mstr_error *error)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_response *response = NULL;
    char path[ID_MAX + 32];
    snprintf(path, sizeof(path), "model/changesets/%s%s", changeset->id, tail);
    request.method = method;
    request.path = path;
    request.call = call;
    enum mstr_code code = mstr_changeset_send(changeset, &request, &response, error);
    mstr_response_free(response);
    return code;
}

enum mstr_code mstr_changeset_commit(mstr_changeset *changeset, mstr_error *error)
{
    return ask(changeset, "POST", "/commit", NULL, error);
}

void mstr_changeset_free(mstr_changeset *changeset)
{
    if (changeset == NULL) {
        return;
    }
    if (changeset->id[0] != '\0') {
        const mstr_call_options call = {sizeof(call), 0, DELETE_TIMEOUT, NULL};
        mstr_error *own = mstr_error_new();
        if (ask(changeset, "DELETE", "", &call, own) != MSTR_OK) {
            log_write(context_log(changeset->session->context), MSTR_LEVEL_WARN, "session",
                      "the changeset was not deleted: %s", mstr_error_message(own));
        }
        mstr_error_free(own);
    }
    free(changeset->project);
    free(changeset);
}
