/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a login sends and where to: the mode, by which credentials are there, and the values that this mode needs.
 * They are resolved all at once, and released, which wipes them, as soon as the login is over. For those who are
 * inside the session's `login` gate.
 */
#ifndef MSTR_SESSION_LOGIN_LOGIN_VALUES_H
#define MSTR_SESSION_LOGIN_LOGIN_VALUES_H

#include "config/login_mode.h"
#include "resolve/credentials.h"
#include "session/session.h"

/* What every login resolves; behind it comes what the mode needs. */
enum { VALUE_BASE, VALUE_PROXY, VALUE_KEY, VALUES_ALWAYS, VALUES_MAX = VALUES_ALWAYS + LOGIN_NEEDS_MAX };

struct login_values {
    const struct login_mode *mode; /* NULL = what a login always needs, and no more */
    size_t need_count;             /* of the mode's needs */
    struct credential_want wants[VALUES_MAX];
};

/* The mode of the session's login, once session_prepare() has made its settings whole. */
enum mstr_code login_choose_mode(const mstr_session *session, const struct login_mode **out, mstr_error *error);

/* Resolves the first `need_count` of what the mode needs; `refresh` passes over the cache. To be released in each
 * case. */
enum mstr_code login_values_resolve(const mstr_session *session, const struct login_mode *mode, size_t need_count,
                                    bool refresh, const struct limits *limits, struct login_values *out,
                                    mstr_error *error);
void login_values_release(struct login_values *values);

/* The value of the mode's need `index`. */
mstr_secret *login_value(const struct login_values *values, size_t index);
/* Whether some of the mode's values come from the cache. */
bool login_values_are_cached(const struct login_values *values);
/* Whether some of them come from references. */
bool login_values_are_referenced(const struct login_values *values);
/* Whether a fresh look gave other values than `old`, of the same mode. */
bool login_values_differ(const struct login_values *old, const struct login_values *fresh);

/* Puts what was resolved for the network into the session: the base URL, and the secrets of proxy and client key. */
enum mstr_code login_values_keep_network(mstr_session *session, const struct login_values *values, mstr_error *error);

/* What is tried, and where: what the memory of refused logins knows it by. */
void login_values_put_tried(mstr_session *session, const struct login_values *values, struct buffer *tried);
/* Whose login it is, and where. */
void login_values_put_account(mstr_session *session, const struct login_values *values, struct buffer *account);

#endif
