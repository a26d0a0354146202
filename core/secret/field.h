/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Selects a field of a JSON secret without copying it anywhere but into secure memory: a top-level key taken
 * literally, or, when it begins with "/", a JSON Pointer (RFC 6901). A string gives its text, anything else its
 * compact JSON text with digits unchanged; null, a missing key, and text that is not JSON (RFC 8259, UTF-8, at most
 * 64 levels deep) are errors that name the field and never show the value. Of duplicate keys the last counts.
 */
#ifndef MSTR_SECRET_FIELD_H
#define MSTR_SECRET_FIELD_H

#include "base/json_scan.h"

#include <mstr/secret.h>

/* MSTR_E_CONFIG for what no secret has as a field: a malformed pointer. */
enum mstr_code field_check(const char *field, mstr_error *error);
/* MSTR_OK, MSTR_E_NOT_FOUND, MSTR_E_CONFIG for a malformed pointer, MSTR_E_MEMORY. */
enum mstr_code field_select(mstr_secret *document, const char *field, mstr_secret **out, mstr_error *error);
/* The same out of what json_scan_check() found, as text with a NUL in secure memory. */
enum mstr_code field_text(struct json_span document, const char *field, char **text, size_t *length,
                          mstr_error *error);

#endif
