/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ways to log in, for all who read one: names and numbers as they stand in a profile, and the credentials that
 * each needs. Pure.
 */
#ifndef MSTR_CONFIG_LOGIN_MODE_H
#define MSTR_CONFIG_LOGIN_MODE_H

#include "base/error.h"

#include <mstr/session.h>
#include <stdbool.h>
#include <stddef.h>

enum { LOGIN_NEEDS_MAX = 2 };

struct login_mode {
    const char *name; /* NULL closes the table */
    enum mstr_login_mode mode;
    enum mstr_credential_kind needs[LOGIN_NEEDS_MAX];
    size_t need_count;
    bool guessed; /* where no mode is given; by the first row whose credentials are all there */
};
/* A mode comes twice where it can do with other credentials. */
extern const struct login_mode login_modes[];

/* A mode by its name or its number; false for neither. */
bool login_mode_read(const char *text, enum mstr_login_mode *mode);
/* Whether it is one, or to be guessed: a program may give any number. */
bool login_mode_is_known(enum mstr_login_mode mode);

/* The mode of a login: the one that is wanted, or the first of which all credentials are there, each of which is a
 * bit (1 << kind). MSTR_E_CONFIG tells what is missing. */
enum mstr_code login_mode_choose(enum mstr_login_mode wanted, unsigned there, const struct login_mode **out,
                                 mstr_error *error);

#endif
