/*
 * URLs of a session: a base URL in one normal form, and paths appended to it. Appending never leaves the base's
 * origin, and never climbs above the base, whatever slashes the caller wrote.
 */
#ifndef MSTR_SESSION_PARTS_URL_H
#define MSTR_SESSION_PARTS_URL_H

#include "base/buffer.h"
#include "base/error.h"

#include <mstr/provider.h>

/* Appends the base in normal form: https, or http to loopback; no user information, query or fragment; one slash at
 * its end. MSTR_E_CONFIG with the reason. */
enum mstr_code url_base(const char *text, struct buffer *out, mstr_error *error);

/* The failure that there is no base URL, and what to do. */
enum mstr_code url_tell_no_base(mstr_error *error);

/* Appends `base` (normal form) and `path`, slashes made single, with the encoded `query` added to any that the path
 * has. `path` may also be a URL of the base's origin. MSTR_E_USAGE for another origin or a path with "..". */
enum mstr_code url_join(const char *base, const char *path, const struct mstr_header *query, size_t query_count,
                        struct buffer *out, mstr_error *error);

#endif
