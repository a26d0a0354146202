/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a program printed: its JSON, and its words fit for an error text. A program may repeat what it was given or
 * has fetched, and nobody can tell a secret from other words for sure; so a word is hidden where it follows a label,
 * such as "password=", "Authorization:" or "\"SecretAccessKey\":", whatever its length, and where it looks like a
 * token. Labels are English; a secret that is short and has none beside it is not found. Pure.
 */
#ifndef MSTR_PROVIDERS_SDK_PRINTED_H
#define MSTR_PROVIDERS_SDK_PRINTED_H

#include "base/json.h"

/* Octets of the byte-order mark that it begins with, as PowerShell writes one; 0 = none. */
size_t printed_mark(const char *text, size_t length);
/* json_read() of what may begin with such a mark. */
enum mstr_code printed_json(const char *text, size_t length, struct json_object **json);
/* Appends it on one line without what may be a secret. Cut afterwards, not before: a label or the length of a word
 * could be cut away. */
void printed_quote(const char *text, struct buffer *out);

#endif
