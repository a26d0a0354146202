/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may stand in a header, whoever wishes it; and which headers a program may set, for one request or for all of a
 * session: those that are well formed, and not the library's own, on which the safety of its tokens and of the
 * framing rests.
 */
#ifndef MSTR_SESSION_PARTS_HEADER_H
#define MSTR_SESSION_PARTS_HEADER_H

#include <stdbool.h>

/* No control octets but tabs (RFC 9110 5.5): what the server or a file says may be sent back. */
bool header_is_value(const char *value);
bool header_is_allowed(const char *name, const char *value);

#endif
