/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session's state apart from the session: base URL, token, cookies. Written as JSON in two forms, the full one that
 * is only ever stored sealed, and the plain one of other tools, which knows cookies by name and value alone. Owns all
 * it holds and wipes it. Not thread-safe.
 */
#ifndef MSTR_SESSION_SAVED_SNAPSHOT_H
#define MSTR_SESSION_SAVED_SNAPSHOT_H

#include "base/error.h"
#include "session/parts/cookies.h"

#include <mstr/secret.h>

struct snapshot {
    char *base;
    mstr_secret *token; /* NULL = none */
    struct cookies cookies;
    bool delegated;
};

void snapshot_release(struct snapshot *snapshot);
bool snapshot_put_plain(const struct snapshot *snapshot, struct buffer *out);
bool snapshot_put_full(const struct snapshot *snapshot, struct buffer *out);
/* Into a blank snapshot, which is to be released even when this fails. MSTR_E_USAGE for other text, MSTR_E_CONFIG for
 * a base URL that is none; `plain_http` as in base_url_read(). */
enum mstr_code snapshot_read_plain(const char *text, size_t length, bool plain_http, struct snapshot *snapshot,
                                   mstr_error *error);
enum mstr_code snapshot_read_full(const char *text, size_t length, bool plain_http, struct snapshot *snapshot,
                                  mstr_error *error);

#endif
