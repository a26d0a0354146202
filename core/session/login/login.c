/* SPDX-License-Identifier: Apache-2.0 */
/* Logging in: the values of the chosen mode are resolved, tried, and wiped. */
#include "session/login/login.h"

#include "base/error.h"
#include "secret/secret.h"
#include "session/login/login_request.h"
#include "session/login/login_values.h"
#include "session/login/refused_login.h"
#include "session/login/trial.h"

bool session_can_log_in(const mstr_session *session)
{
    const struct login_mode *mode = NULL;
    return login_choose_mode(session, &mode, NULL) == MSTR_OK;
}

/* Resolves so much of what the mode needs, and gives the session what of it is for the network. */
static enum mstr_code resolve(mstr_session *session, const struct login_mode *mode, size_t need_count,
                              const struct limits *limits, struct login_values *values, mstr_error *error)
{
    enum mstr_code code = login_values_resolve(session, mode, need_count, false, limits, values, error);
    return code == MSTR_OK ? login_values_keep_network(session, values, error) : code;
}

enum mstr_code session_log_in(mstr_session *session, const struct limits *limits, mstr_error *error)
{
    struct login_values values;
    const struct login_mode *mode = NULL;
    enum mstr_code code = session_prepare(session, limits, error);
    code = code == MSTR_OK ? login_choose_mode(session, &mode, error) : code;
    if (code != MSTR_OK) {
        return code;
    }
    code = resolve(session, mode, mode->need_count, limits, &values, error);
    code = code == MSTR_OK ? refused_login_freshen(session, &values, limits, error) : code;
    if (code == MSTR_OK) {
        bool trial = (session->settings.flags & MSTR_SESSION_TRIAL) != 0;
        code = trial ? trial_log_in(session, &values, limits, error)
                     : refused_login_try_twice(session, &values, limits, error);
    }
    login_values_release(&values);
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
    struct login_values values;
    *user = NULL;
    *base = NULL;
    enum mstr_code code = session_prepare(session, limits, error);
    code = code == MSTR_OK ? login_choose_mode(session, mode, error) : code;
    if (code != MSTR_OK || !is_shareable(*mode)) {
        return code;
    }
    code = resolve(session, *mode, 1, limits, &values, error);
    code = code == MSTR_OK ? session_base(session, base, error) : code;
    if (code == MSTR_OK) {
        *user = mstr_secret_retain(login_value(&values, 0));
    }
    login_values_release(&values);
    return code;
}

bool session_is_refused(mstr_session *session, const struct refusal_record *record, const struct limits *limits,
                        mstr_error *error)
{
    struct login_values values;
    const struct login_mode *mode = NULL;
    if (login_choose_mode(session, &mode, NULL) != MSTR_OK) {
        return false;
    }
    bool refused = login_values_resolve(session, mode, mode->need_count, false, limits, &values, NULL) == MSTR_OK &&
                   refused_login_waits(session, &values, record, error);
    login_values_release(&values);
    return refused;
}

static enum mstr_code take_up(mstr_session *session, const mstr_secret *token, mstr_error *error)
{
    mstr_secret *copy = mstr_secret_new(mstr_secret_octets(token), mstr_secret_length(token));
    pthread_mutex_lock(&session->mutex);
    session->token = copy;
    session->delegated = true;
    session->taken_up = true;
    pthread_mutex_unlock(&session->mutex);
    return copy != NULL ? MSTR_OK : error_set(error, MSTR_E_MEMORY, "out of memory");
}

enum mstr_code session_adopt(mstr_session *session, const mstr_secret *token, const struct limits *limits,
                             mstr_error *error)
{
    struct login_values values;
    enum mstr_code code = session_prepare(session, limits, error);
    if (code != MSTR_OK) {
        return code;
    }
    code = resolve(session, NULL, 0, limits, &values, error);
    if (code == MSTR_OK) {
        code = token != NULL ? take_up(session, token, error) : login_request_token(session, limits, error);
    }
    login_values_release(&values);
    return code;
}
