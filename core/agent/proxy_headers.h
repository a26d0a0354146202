/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which headers pass the session proxy. What says who asks, where to and over which connection stays here: the proxy
 * has an account of its own, and makes framing anew on both sides. Pure.
 */
#ifndef MSTR_AGENT_PROXY_HEADERS_H
#define MSTR_AGENT_PROXY_HEADERS_H

#include "request.h"

/* Whether a header of the client goes on to the server, as it is. */
bool proxy_header_leaves(const struct request *request, const struct request_header *header);
/* The client's value of one that the library says itself; NULL = none, or none that is meant for the server. */
const char *proxy_header_value(const struct request *request, const char *name);
/* Whether one of the server's goes back; `connection` is what its header Connection says, or NULL. */
bool proxy_header_returns(const char *name, const char *connection);

#endif
