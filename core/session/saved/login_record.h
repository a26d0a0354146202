/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What processes of a user leave each other of logins that were only to see whether they work (MSTR_SESSION_TRIAL):
 * when the last was answered, and how often the same was refused. One file for an account, in the user's own folder
 * of states, whole or not there, and believed only where nobody else could have had his hands in it.
 *
 * What was refused is sealed under a key made of it: whoever reads the file can but guess, as slowly as he could at a
 * password's hash. Other values than those find no refusal there.
 */
#ifndef MSTR_SESSION_SAVED_LOGIN_RECORD_H
#define MSTR_SESSION_SAVED_LOGIN_RECORD_H

#include "base/error.h"
#include "secret/refusal_record.h"
#include "session/saved/snapshot_file.h"

#include <mstr/secret.h>

enum { LOGIN_RECORD_PERIOD = 60 * 1000 /* ms from one login to the next */ };

struct login_record {
    char *path; /* NULL = nothing is kept */
    struct snapshot_lock lock;
    struct refusal_record refused;
    mstr_secret *tried;
};

/* Waits for other processes that are at the same, and reads what they left. `account` is what the file is known by,
 * `tried` all that a login would send. MSTR_E_THROTTLED: there was a login a moment ago, and what would be sent now
 * was not refused. MSTR_E_CONFIG: nothing can be kept, and nothing is known. Else what the limits say, or
 * MSTR_E_MEMORY. To be ended in each case. */
enum mstr_code login_record_begin(struct login_record *record, const struct buffer *account,
                                  const struct buffer *tried, const struct limits *limits, mstr_error *error);
/* Keeps what is in `refused` now, and when that was, if the server was asked; MSTR_E_CONFIG where it cannot. */
enum mstr_code login_record_keep(struct login_record *record, mstr_error *error);
void login_record_end(struct login_record *record);

#endif
