/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session in a sealed file, which many processes may share: each that meets the session's end takes the file's
 * lock, and finds there what another has made of it, or logs in and leaves the new session to the others. That holds
 * also where a logout took the file away.
 *
 * The session knows the file that keeps it, and what it last read or wrote there. What stands there now is another
 * process's where it is not that.
 */
#ifndef MSTR_SESSION_SAVED_SEALED_SESSION_H
#define MSTR_SESSION_SAVED_SEALED_SESSION_H

#include "session/saved/snapshot.h"
#include "session/session.h"

/* Takes the session up from the file, which keeps it from then on. */
enum mstr_code sealed_session_read(mstr_session *session, const char *path, const struct limits *limits,
                                   mstr_error *error);
/* The same, but only if there is a file, and not as this session knows it; *read tells. */
enum mstr_code sealed_session_read_anew(mstr_session *session, const char *path, const struct limits *limits,
                                        bool *read, mstr_error *error);
/* Writes the session into the file, which keeps it from then on. For who holds the file's lock, if there is a
 * file. */
enum mstr_code sealed_session_write(mstr_session *session, const char *path, const struct limits *limits,
                                    mstr_error *error);
/* The same for who does not, and not where the file keeps the session already: as it is, or as another process has
 * renewed it. Another session that stood there comes out in `replaced`, which was blank. */
enum mstr_code sealed_session_save(mstr_session *session, const char *path, const struct limits *limits,
                                   struct snapshot *replaced, mstr_error *error);

#endif
