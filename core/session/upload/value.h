/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of rows that are uploaded: whether a text is one of a type, and how JSON writes it. Pure.
 */
#ifndef MSTR_SESSION_UPLOAD_VALUE_H
#define MSTR_SESSION_UPLOAD_VALUE_H

#include "base/buffer.h"

#include <mstr/upload.h>
#include <stdbool.h>

/* As the server calls it: "BIGINTEGER". */
const char *value_type_name(enum mstr_upload_type type);
bool value_is_number(enum mstr_upload_type type);
/* Whether the text is one of this type. */
bool value_fits(enum mstr_upload_type type, const char *text, size_t length);
/* Appends one that fits. */
void value_put(struct buffer *out, enum mstr_upload_type type, const char *text, size_t length);

#endif
