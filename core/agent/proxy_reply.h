/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of the server's answer a client of the session proxy gets as the head of its reply: the headers that may
 * return, the length of a body whose octets are the server's own, and a redirect as one below the agent's own path.
 * An answer that none should follow, or that is none, becomes a refusal.
 */
#ifndef MSTR_AGENT_PROXY_REPLY_H
#define MSTR_AGENT_PROXY_REPLY_H

#include "request.h"

#include <mstr/session.h>

/* Status and headers of an answer that the profile's session got; reply->type is set where it became a refusal, whose
 * body is in the reply. reply->length is that of the body, -1 where it is not known. */
void proxy_reply_head(mstr_session *session, const struct buffer *profile, const mstr_response *answer,
                      struct reply *reply);

#endif
