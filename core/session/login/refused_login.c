/* SPDX-License-Identifier: Apache-2.0 */
/* Logins by the memory of those that were refused. */
#include "session/login/refused_login.h"

#include "base/clock.h"
#include "base/error.h"
#include "session/login/login_request.h"

#include <inttypes.h>

static void tell_remembered(int64_t wait, mstr_error *error)
{
    error_set(error, MSTR_E_AUTHENTICATION,
              "the server refused these credentials before; they are not sent again for %" PRId64
              " s, lest the account be locked",
              (wait + 999) / 1000);
    error_set_step(error, "login");
    error_set_hint(error, "put the right ones into the secret store; values that changed are tried at once");
}

/* Credentials that came from references alone are remembered, as those a program gives may be typed by somebody, and
 * whatever many processes would try one after another, or many ask of an agent. */
enum mstr_code refused_login_try(mstr_session *session, const struct login_values *values,
                                 const struct limits *limits, bool *look, mstr_error *error)
{
    struct refusals *refusals = context_refusals(session->context);
    struct buffer tried = BUFFER_INIT;
    struct trial trial;
    *look = true;
    if (!session->remembers && session->refused_elsewhere == NULL && !login_values_are_referenced(values)) {
        return login_request_post(session, values, limits, error);
    }
    login_values_put_tried(session, values, &tried);
    enum mstr_code code = refusals_enter(refusals, session->refused_elsewhere, &tried, limits, &trial);
    buffer_release(&tried);
    if (code == MSTR_OK) {
        code = login_request_post(session, values, limits, error);
        refusals_leave(refusals, &trial, code);
    } else if (code == MSTR_E_AUTHENTICATION) {
        *look = trial.look_again;
        tell_remembered(trial.wait, error);
    } else {
        error_set(error, code, "%s while another login with the same credentials was under way",
                  mstr_code_text(code));
    }
    return code;
}

enum mstr_code refused_login_try_twice(mstr_session *session, const struct login_values *values,
                                       const struct limits *limits, mstr_error *error)
{
    struct login_values fresh;
    bool look = false;
    enum mstr_code code = refused_login_try(session, values, limits, &look, error);
    if (code != MSTR_E_AUTHENTICATION || !look || !login_values_are_cached(values)) {
        return code;
    }
    /* A second attempt with the same password would only bring the account nearer to its lock. */
    if (login_values_resolve(session, values->mode, values->need_count, true, limits, &fresh, NULL) == MSTR_OK &&
        login_values_differ(values, &fresh)) {
        log_write(context_log(session->context), MSTR_LEVEL_INFO, "session",
                  "login refused with cached credentials; trying those the store has now");
        code = refused_login_try(session, &fresh, limits, &look, error);
    }
    login_values_release(&fresh);
    return code;
}

/* What others were refused of what is about to be tried; NULL = they were not. */
static const struct refusal *find_refusal(mstr_session *session, const struct login_values *values,
                                          const struct refusal_record *record)
{
    unsigned char digest[REFUSAL_DIGEST];
    struct buffer tried = BUFFER_INIT;
    login_values_put_tried(session, values, &tried);
    const struct refusal *refusal =
        refusal_digest(record->key, &tried, digest) ? refusal_record_find(record, digest) : NULL;
    buffer_release(&tried);
    return refusal;
}

/* They may be the old ones yet, and each refusal brings the account nearer to its lock. */
enum mstr_code refused_login_freshen(mstr_session *session, struct login_values *values, const struct limits *limits,
                                     mstr_error *error)
{
    const struct refusal_record *record = session->refused_elsewhere;
    if (record == NULL || !login_values_are_cached(values) || find_refusal(session, values, record) == NULL) {
        return MSTR_OK;
    }
    login_values_release(values);
    return login_values_resolve(session, values->mode, values->need_count, true, limits, values, error);
}

bool refused_login_waits(mstr_session *session, const struct login_values *values,
                         const struct refusal_record *record, mstr_error *error)
{
    const struct refusal *refusal = find_refusal(session, values, record);
    int64_t wait = refusal != NULL ? refusal_pause(refusal, clock_monotonic()) : 0;
    if (wait > 0) {
        tell_remembered(wait, error);
    }
    return wait > 0;
}
