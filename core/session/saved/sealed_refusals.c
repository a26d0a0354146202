/* SPDX-License-Identifier: Apache-2.0 */
/* Refused logins beside a saved session. */
#include "session/saved/sealed_refusals.h"

#include "base/clock.h"
#include "base/error.h"
#include "session/saved/sealing.h"

#include <errno.h>

static const char what[] = " refused logins";

enum mstr_code sealed_refusals_read(mstr_session *session, const char *path, const struct snapshot_lock *lock,
                                    const struct limits *limits, struct refusal_record *record, mstr_error *error)
{
    struct sealing sealing = {.origin = BUFFER_INIT};
    struct buffer sealed = BUFFER_INIT;
    struct buffer text = BUFFER_INIT;
    enum mstr_code code = MSTR_OK;
    if (!refusal_record_begin(record) || !snapshot_lock_read(lock, &sealed)) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (code == MSTR_OK && sealed.length > 0) {
        code = sealing_begin(&sealing, session, what, limits, error);
        enum mstr_code opened = code == MSTR_OK ? sealing_open(&sealing, path, &sealed, &text, error) : code;
        if (opened == MSTR_OK) {
            refusal_record_read(record, buffer_text(&text), text.length, clock_now());
        } else if (code == MSTR_OK && opened != MSTR_E_MEMORY) {
            mstr_error_clear(error); /* of another key, or half written: it says nothing */
        } else {
            code = opened;
        }
    }
    buffer_release(&text);
    buffer_release(&sealed);
    sealing_end(&sealing);
    return code;
}

enum mstr_code sealed_refusals_write(mstr_session *session, const char *path, const struct snapshot_lock *lock,
                                     const struct limits *limits, const struct refusal_record *record,
                                     mstr_error *error)
{
    struct sealing sealing = {.origin = BUFFER_INIT};
    struct buffer sealed = BUFFER_INIT;
    struct buffer text = BUFFER_INIT;
    enum mstr_code code = MSTR_OK;
    if (!record->changed) {
        return MSTR_OK;
    }
    if (record->count > 0) {
        code = sealing_begin(&sealing, session, what, limits, error);
        if (code == MSTR_OK && !refusal_record_put(record, clock_now(), &text)) {
            code = error_set(error, MSTR_E_MEMORY, "out of memory");
        }
        code = code == MSTR_OK ? sealing_close(&sealing, &text, &sealed, error) : code;
    }
    if (code == MSTR_OK && !snapshot_lock_write(lock, buffer_text(&sealed), sealed.length)) {
        code = error_set(error, MSTR_E_CONFIG, "cannot write %s.lock: %s", path, strerror(errno));
    }
    buffer_release(&text);
    buffer_release(&sealed);
    sealing_end(&sealing);
    return code;
}
