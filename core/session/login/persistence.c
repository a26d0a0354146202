/* SPDX-License-Identifier: Apache-2.0 */
/* Saving an open session, and taking one up again. */
#include "session/session.h"

#include "base/error.h"
#include "base/given.h"
#include "session/login/keepalive.h"
#include "session/login/logout.h"
#include "session/login/opening.h"
#include "session/login/sharing.h"
#include "session/parts/agent_transport.h"
#include "session/saved/sealed_session.h"
#include "session/saved/state.h"

#include <mstr/persistence.h>
#include <stdlib.h>

/* Makes an open session the caller's own, with a login of its own where it went through the agent. */
static enum mstr_code be_own(mstr_session *session, const struct limits *limits, mstr_error *error)
{
    bool renewed = false;
    if (session->agent == NULL || !agent_transport_is_open(session->agent)) {
        session_leave_agent(session);
        return MSTR_OK;
    }
    mstr_secret *token = session_token(session);
    session_leave_agent(session);
    enum mstr_code code = token != NULL ? session_renew(session, token, limits, &renewed, error) : MSTR_OK;
    mstr_secret_release(token);
    return code;
}

enum mstr_code mstr_session_save(mstr_session *session, const char *path, const mstr_call_options *options,
                                 mstr_error *error)
{
    if (given_call(options, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    const struct limits limits = session_limits(session, options);
    struct snapshot replaced = {.base = NULL};
    if (sharing_is_on(session)) { /* a logout of the file's session would end what others use */
        error_set(error, MSTR_E_USAGE, "the session is the fleet's, and is not kept in a file");
        error_set_hint(error, "a profile with an empty \"fleet\" has sessions of its own");
        return MSTR_E_USAGE;
    }
    enum mstr_code code = be_own(session, &limits, error);
    if (code != MSTR_OK) {
        return code;
    }
    code = sealed_session_save(session, path, &limits, &replaced, error);
    session_log_out_replaced(session, &replaced);
    snapshot_release(&replaced);
    return code;
}

enum mstr_code mstr_session_load(mstr_session *session, const char *path, const mstr_call_options *options,
                                 mstr_error *error)
{
    if (given_call(options, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    const struct limits limits = session_limits(session, options);
    session_leave_agent(session);
    sharing_leave(session);
    enum mstr_code code = sealed_session_read(session, path, &limits, error);
    if (code == MSTR_OK) {
        keepalive_start(session);
    }
    return code;
}

enum mstr_code mstr_session_export(mstr_session *session, mstr_secret **json, mstr_error *error)
{
    struct snapshot snapshot = {.base = NULL};
    struct buffer text = BUFFER_INIT;
    *json = NULL;
    const struct limits limits = session_limits(session, NULL);
    enum mstr_code code = be_own(session, &limits, error);
    code = code == MSTR_OK ? state_take(session, &snapshot, error) : code;
    if (code == MSTR_OK) {
        *json = snapshot_put_plain(&snapshot, &text) ? mstr_secret_new(text.data, text.length) : NULL;
        code = *json != NULL ? MSTR_OK : error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    buffer_release(&text);
    snapshot_release(&snapshot);
    return code;
}

/* Whether the token may be used with what is configured; where no base URL is, the token's own holds. */
static enum mstr_code check_origin(mstr_session *session, const char *base, const struct limits *limits,
                                   mstr_error *error)
{
    char *configured = NULL;
    if (session->credentials[MSTR_CREDENTIAL_BASE_URL] == NULL) {
        return MSTR_OK;
    }
    enum mstr_code code = session_configured_base(session, limits, &configured, error);
    code = code == MSTR_OK ? session_check_origin(base, configured, error) : code;
    free(configured);
    return code;
}

enum mstr_code mstr_session_import(mstr_session *session, const char *json, size_t length, mstr_error *error)
{
    struct snapshot snapshot = {.base = NULL};
    const struct limits limits = session_limits(session, NULL);
    session_leave_agent(session);
    enum mstr_code code = session_prepare(session, &limits, error);
    code =
        code == MSTR_OK ? snapshot_read_plain(json, length, session->settings.allow_plain, &snapshot, error) : code;
    code = code == MSTR_OK ? check_origin(session, snapshot.base, &limits, error) : code;
    if (code == MSTR_OK) {
        session_keep_nowhere(session);
        sharing_leave(session);
        state_give(session, &snapshot);
        keepalive_start(session);
    }
    snapshot_release(&snapshot);
    return code;
}
