/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a redirect leads, and what the request becomes there (RFC 9110 15.4). Whether it is followed is not known
 * here. Pure.
 */
#ifndef MSTR_SESSION_PARTS_REDIRECT_H
#define MSTR_SESSION_PARTS_REDIRECT_H

#include "base/uri.h"

/* Whether an answer of this status is one. */
bool redirect_is(int status);
/* Appends the target as an absolute URL (RFC 3986 5.2.2, without removing dots, which is left to the server). */
bool redirect_put_target(const struct uri *from, const char *location, struct buffer *target);
/* Whether the request goes on as a GET without a body: always after a 303, and as a POST after a 301 or 302, as all
 * clients have it; after a 307 or 308 it is repeated, and a HEAD stays one. */
bool redirect_becomes_get(int status, const char *method);

#endif
