/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Base64 (RFC 4648): standard with padding, and URL-safe without. Decoding is strict: no junk, no stray bits. Pure.
 */
#ifndef MSTR_BASE_BASE64_H
#define MSTR_BASE_BASE64_H

#include "base/buffer.h"

bool base64_encode(struct buffer *out, const void *octets, size_t length);
bool base64url_encode(struct buffer *out, const void *octets, size_t length);
/* Appends the decoded octets; false, with `out` unchanged, on malformed input. Padding is required / forbidden. */
bool base64_decode(struct buffer *out, const char *text, size_t length);
bool base64url_decode(struct buffer *out, const char *text, size_t length);
/* Lower-case hexadecimal, and back in either case. */
bool hex_encode(struct buffer *out, const void *octets, size_t length);
bool hex_decode(struct buffer *out, const char *text, size_t length);

#endif
