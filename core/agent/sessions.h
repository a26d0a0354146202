/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sessions with the server that all clients share: one of a profile, opened at its first use, kept until the
 * configuration has another one in mind or the agent ends, and logged out then unless its profile says `logout = no`.
 *
 * A session outlives a reload that changes nothing of what it depends on. It then goes over to the new context as
 * soon as nobody uses it, so that no more than one old context is kept for it, and that only while there never is a
 * moment in which it is not in use. Thread-safe.
 */
#ifndef MSTR_AGENT_SESSIONS_H
#define MSTR_AGENT_SESSIONS_H

#include "contexts.h"

struct sessions;

struct shared_session {
    mstr_session *session;
    int64_t timeout; /* ms of a request at most */
};

/* NULL without memory. */
struct sessions *sessions_new(struct contexts *contexts);
/* That of a profile in the configuration of `generation`, which the caller holds; opened, if it is not, within the
 * call's limits and the profile's time. To be left again, also on failure where *out is not NULL. */
enum mstr_code sessions_use(struct sessions *sessions, struct generation *generation, const char *profile,
                            const mstr_call_options *call, struct shared_session **out, mstr_error *error);
/* What is known of that of a profile; nobody is asked. "open", "refused" for the last login, or NULL for nothing. */
const char *sessions_state(struct sessions *sessions, const struct generation *generation, const char *profile);
/* The last one to leave a session that is retired ends it. NULL is accepted. */
void sessions_leave(struct sessions *sessions, struct shared_session *shared);
/* Tells of a configuration that is about to take the place of the one before: sessions of profiles that mean the same
 * in it are its own, too, and the others are retired. Waits for nobody. */
void sessions_heed(struct sessions *sessions, struct generation *next);
/* Ends those that are retired and that nobody uses. */
void sessions_sweep(struct sessions *sessions);
/* Ends all. Nobody may use one. NULL is accepted. */
void sessions_free(struct sessions *sessions);

/* The further members of a login's body, with the working set among them; `fields` is a JSON object, or NULL.
 * Pure. */
enum mstr_code sessions_login_fields(const char *fields, size_t working_set, struct buffer *out, mstr_error *error);

#endif
