/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a request's head must be before anything of it is believed: one way to read its framing (RFC 9112 6), names
 * that are names, a target that is a path; and over TCP no trace of a browser or of a proxy. Pure.
 */
#ifndef MSTR_AGENT_HEAD_H
#define MSTR_AGENT_HEAD_H

#include "request.h"

/* Why the head is refused, and with which status; NULL where it is good. `port` is that of the TCP listener. */
const char *head_fault(const struct request *request, unsigned port, int *status);
/* Where a head stood as it came; whoever cut it into texts has overwritten what was between them. */
struct head_place {
    const char *method; /* where it begins */
    const char *version;
    size_t length; /* up to its empty line, with it */
};
/* Whether its lines hold the request's texts, one after the other, one octet between two in the first line, and CR
 * and LF behind each line: so that no NUL, no bare LF, no continued line and no line without a name was taken for an
 * end. */
bool head_is_whole(const struct request *request, const struct head_place *place);
/* The body's length, where the head says it; -1 where it does not, 0 without one. For a good head. */
int64_t head_length(const struct request *request);

#endif
