/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kinds of values, and what each must look like: one rule for what a file or variable says, for what a reference in
 * it resolved to, and for what a program gives. Pure.
 */
#ifndef MSTR_CONFIG_VALUE_H
#define MSTR_CONFIG_VALUE_H

enum value_kind {
    VALUE_TEXT,
    VALUE_SECRET,
    VALUE_URL,
    VALUE_PROXY,
    VALUE_PROXY_EXCEPTIONS,
    VALUE_PINNED_KEY,
    VALUE_BOOLEAN,
    VALUE_DURATION,
    VALUE_TIMEOUT,
    VALUE_COUNT,
    VALUE_POSITIVE,
    VALUE_PATH,
    VALUE_FOLDERS,
    VALUE_LOGIN_MODE,
    VALUE_LOGIN_FIELDS,
    VALUE_AGENT_USE,
    VALUE_AGENT_MEMORY,
    VALUE_LOOPBACK,
    VALUE_FLEET_SESSIONS,
    VALUE_FLEET_FAILURE,
    VALUE_FLEET_LOGOUT,
};

/* What a value of the kind must be, to follow "must be", where it is not; NULL where it is. Texts, paths, proxies and
 * the like may be empty, which is as if they were not there. */
const char *value_fault(enum value_kind kind, const char *value);

#endif
