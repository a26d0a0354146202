/* SPDX-License-Identifier: Apache-2.0 */
/*
 * URLs of a session: paths appended to its base. That never leaves the base's origin, and never leads to another path
 * than the one that is written there.
 */
#ifndef MSTR_SESSION_PARTS_URL_H
#define MSTR_SESSION_PARTS_URL_H

#include "base/buffer.h"
#include "base/error.h"

#include <mstr/provider.h>

/* Appends `base` (as base_url_read() gives it) and `path`, with the encoded `query` added to any that the path has.
 * `path` may begin with a slash, and may also be a URL of the base's origin; it goes out in its one spelling.
 * MSTR_E_USAGE for another origin, and for a path with which uri_path_fault() finds fault. */
enum mstr_code url_join(const char *base, const char *path, const struct mstr_header *query, size_t query_count,
                        struct buffer *out, mstr_error *error);
/* Whether what is given as a path is a URL of its own. */
bool url_is_absolute(const char *path);
/* The same for a URL of another origin, to which nothing of the session goes: its path stays as it is. */
enum mstr_code url_foreign(const char *url, const struct mstr_header *query, size_t query_count, struct buffer *out,
                           mstr_error *error);

#endif
