/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory of refused logins that processes share with a saved session: a record in the lock of its file, sealed as
 * the session is. For who holds that lock.
 */
#ifndef MSTR_SESSION_SAVED_SEALED_REFUSALS_H
#define MSTR_SESSION_SAVED_SEALED_REFUSALS_H

#include "secret/refusal_record.h"
#include "session/saved/snapshot_file.h"
#include "session/session.h"

/* An empty record where there is none, or one of another key. Else what the secret store told, or MSTR_E_MEMORY. */
enum mstr_code sealed_refusals_read(mstr_session *session, const char *path, const struct snapshot_lock *lock,
                                    const struct limits *limits, struct refusal_record *record, mstr_error *error);
/* Writes what has changed since. */
enum mstr_code sealed_refusals_write(mstr_session *session, const char *path, const struct snapshot_lock *lock,
                                     const struct limits *limits, const struct refusal_record *record,
                                     mstr_error *error);

#endif
