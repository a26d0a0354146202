/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The public keys that a server is known by: "sha256//BASE64", several separated by ';', or the path of a file that
 * holds one, as libcurl takes them. It takes anything else, too, and finds that it is not the server's key.
 */
#ifndef MSTR_HTTP_PINNED_KEY_H
#define MSTR_HTTP_PINNED_KEY_H

#include "base/error.h"

#include <stdbool.h>

#define PINNED_KEY_FORMS                                                                                             \
    "sha256//BASE64 of a public key, several of them separated by ;, or the absolute path of its file"

/* Whether it has one of the forms. */
bool pinned_key_has_form(const char *pin);
/* MSTR_E_CONFIG where it has none, or the file is of no use. */
enum mstr_code pinned_key_check(const char *pin, mstr_error *error);

#endif
