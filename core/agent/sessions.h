/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sessions with the server that all clients share: one of a profile, opened at its first use, kept until the
 * configuration is another one or the agent ends, and logged out then unless its profile says `logout = no`.
 * Thread-safe.
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
 * call's limits. To be left again, also on failure where *out is not NULL. */
enum mstr_code sessions_use(struct sessions *sessions, struct generation *generation, const char *profile,
                            const mstr_call_options *call, struct shared_session **out, mstr_error *error);
/* The last one to leave a session that is retired ends it. NULL is accepted. */
void sessions_leave(struct sessions *sessions, struct shared_session *shared);
/* Ends those of another configuration than `present`, as soon as nobody uses them. */
void sessions_retire(struct sessions *sessions, const struct generation *present);
/* Ends all. Nobody may use one. NULL is accepted. */
void sessions_free(struct sessions *sessions);

/* The further members of a login's body, with the working set among them; `fields` is a JSON object, or NULL. Pure.
 */
enum mstr_code sessions_login_fields(const char *fields, size_t working_set, struct buffer *out, mstr_error *error);

#endif
