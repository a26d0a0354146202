/*
 * URLs of a session: a base URL in one normal form, and paths appended to it. Appending never leaves the base's
 * origin, and never leads to another path than the one that is written there.
 */
#ifndef MSTR_SESSION_PARTS_URL_H
#define MSTR_SESSION_PARTS_URL_H

#include "base/buffer.h"
#include "base/error.h"

#include <mstr/provider.h>

/* Appends the base in normal form: https, or http to loopback and where it is `plain`; no user information, query or
 * fragment; no path that url_join() refuses; api/ where the application alone is named; one slash at its end.
 * MSTR_E_CONFIG with the reason. */
enum mstr_code url_base(const char *text, bool plain, struct buffer *out, mstr_error *error);

/* The failure that there is no base URL, and what to do. */
enum mstr_code url_tell_no_base(mstr_error *error);

/* Appends `base` (normal form) and `path`, with the encoded `query` added to any that the path has. `path` may begin
 * with a slash, and may also be a URL of the base's origin. MSTR_E_USAGE for another origin, and for a path that a
 * server may read as another one: with an empty segment (but the last), "." or "..", also encoded, a ";", or an
 * encoded slash, backslash, percent sign or control character. */
enum mstr_code url_join(const char *base, const char *path, const struct mstr_header *query, size_t query_count,
                        struct buffer *out, mstr_error *error);
/* Whether what is given as a path is a URL of its own. */
bool url_is_absolute(const char *path);
/* The same for a URL of another origin, to which nothing of the session goes: its path stays as it is. */
enum mstr_code url_foreign(const char *url, const struct mstr_header *query, size_t query_count, struct buffer *out,
                           mstr_error *error);

#endif
