/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The base URL of a MicroStrategy server in one normal form (design 3): what a profile may say, and what a session
 * makes of it. Pure.
 */
#ifndef MSTR_CONFIG_BASE_URL_H
#define MSTR_CONFIG_BASE_URL_H

#include "base/buffer.h"
#include "base/error.h"

#include <stdbool.h>

/* Appends the base in normal form: https, or http to loopback and where it is `plain`; no user information, query or
 * fragment; no path that uri_path_fault() finds fault with; api/ where the application alone is named; one slash at
 * its end. MSTR_E_CONFIG with the reason. */
enum mstr_code base_url_read(const char *text, bool plain, struct buffer *out, mstr_error *error);

/* The failure that there is no base URL, and what to do. */
enum mstr_code base_url_tell_absent(mstr_error *error);

#endif
