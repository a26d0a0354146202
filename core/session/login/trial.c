/* SPDX-License-Identifier: Apache-2.0 */
/* A login that is only to see whether it works. */
#include "session/login/trial.h"

#include "base/error.h"
#include "session/login/refused_login.h"
#include "session/saved/login_record.h"

/* The values are tried once: a second login for better ones would not be one a minute. */
static enum mstr_code try_on_record(mstr_session *session, const struct login_values *values,
                                    struct login_record *record, const struct limits *limits, mstr_error *error)
{
    bool look = false;
    session->refused_elsewhere = &record->refused;
    enum mstr_code code = refused_login_try(session, values, limits, &look, error);
    session->refused_elsewhere = NULL;
    return code;
}

enum mstr_code trial_log_in(mstr_session *session, const struct login_values *values, const struct limits *limits,
                            mstr_error *error)
{
    struct login_record record;
    struct buffer account = BUFFER_INIT;
    struct buffer tried = BUFFER_INIT;
    mstr_error *own = mstr_error_new();
    login_values_put_account(session, values, &account);
    login_values_put_tried(session, values, &tried);
    enum mstr_code code = login_record_begin(&record, &account, &tried, limits, error);
    enum mstr_code kept = code == MSTR_E_CONFIG ? code : MSTR_OK;
    if (kept != MSTR_OK) {
        error_copy(own, error);
        mstr_error_clear(error);
        code = MSTR_OK;
    }
    if (code == MSTR_OK) {
        code = try_on_record(session, values, &record, limits, error);
        if (kept == MSTR_OK && (code == MSTR_OK || mstr_error_http_status(error) != 0)) {
            kept = login_record_keep(&record, own);
        }
    }
    if (kept != MSTR_OK) {
        log_write(context_log(session->context), MSTR_LEVEL_WARN, "session",
                  "other processes do not learn how the login ended: %s", mstr_error_message(own));
    }
    login_record_end(&record);
    mstr_error_free(own);
    buffer_release(&account);
    buffer_release(&tried);
    return code;
}
