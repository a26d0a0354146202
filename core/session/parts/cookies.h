/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cookies of a session (RFC 6265), which talks to one origin: what the server sets for its own host is kept with
 * path, Secure and expiry and sent back where it belongs; what it sets for other domains is dropped. A full jar keeps
 * what it has, since a session's own cookie is the first that a server sets. Values count as secret. Not thread-safe:
 * the session locks.
 */
#ifndef MSTR_SESSION_PARTS_COOKIES_H
#define MSTR_SESSION_PARTS_COOKIES_H

#include "base/buffer.h"
#include "base/uri.h"

#include <stdint.h>

enum { COOKIES_MAX = 50, COOKIE_LENGTH_MAX = 8192 };

struct cookie {
    char *name;
    char *value;
    char *path;
    bool secure;
    int64_t expires; /* ms since 1970, 0 = with the session */
};

struct cookies {
    struct cookie items[COOKIES_MAX];
    size_t count;
    unsigned refused; /* that were too long or had no room any more */
};

/* Takes one Set-Cookie value that came from `url` at the time `now`. False without memory. */
bool cookies_set(struct cookies *cookies, const struct uri *url, const char *text, int64_t now);
/* Takes a cookie that was kept elsewhere; nothing happens when the jar is full. False without memory. */
bool cookies_restore(struct cookies *cookies, const char *name, const char *value, const char *path, bool secure,
                     int64_t expires);
/* Appends the Cookie header's value for a request; nothing when there is none to send. */
void cookies_put(const struct cookies *cookies, const struct uri *url, int64_t now, struct buffer *out);
/* Whether a name and value can stand in a Cookie header (RFC 6265 4.1.1, as leniently as browsers). */
bool cookies_is_pair(const char *name, const char *value);
/* Wipes and forgets all. */
void cookies_clear(struct cookies *cookies);

#endif
