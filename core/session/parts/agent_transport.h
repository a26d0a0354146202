/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session's way through the agent (contract of the agent, 3 and 4): its requests go to /session/PROFILE/… on the
 * agent's socket, which puts its own session with the server around them. It knows no session: whoever mounts it
 * begins it with a login, and it passes everything to the network before that and after the agent was left. What an
 * agent that has failed was asked is answered as by a server whose session has ended, so that a login follows.
 * Thread-safe.
 */
#ifndef MSTR_SESSION_PARTS_AGENT_TRANSPORT_H
#define MSTR_SESSION_PARTS_AGENT_TRANSPORT_H

#include "plugin/registry.h"
#include "resolve/agent_link.h"

#include <mstr/transport.h>

struct agent_transport;

/* The first two are borrowed. NULL without memory. */
struct agent_transport *agent_transport_new(struct agent_link *link, struct registry *registry, const char *profile);
/* For mstr_session_mount(), as is the next. */
void agent_transport_free(void *transport);
enum mstr_code agent_transport_send(const struct mstr_http_request *request, mstr_transport_reply *reply,
                                    const mstr_call_options *call, mstr_error *error, void *transport);

/* What an agent knows of its session with the server: nothing, that it is open, or that its last login was
 * refused. */
enum agent_session { AGENT_SESSION_NONE, AGENT_SESSION_OPEN, AGENT_SESSION_REFUSED };
/* Finds out whether the agent means the same by the profile, and what it knows of its session. It is asked anew.
 * AGENT_ALONE without an error told where an agent is left alone for a while. */
enum agent_verdict agent_transport_ask(struct agent_transport *transport, const struct limits *limits,
                                       enum agent_session *session, mstr_error *error);
/* Finds out whether the agent means the same by the profile, and begins: requests below `base` go to it from now on.
 * *token is this client's, to be released by the caller. Else they go to the network. By one caller at a time. */
enum agent_verdict agent_transport_open(struct agent_transport *transport, const char *base,
                                        const struct limits *limits, mstr_secret **token, mstr_error *error);
/* For good: the session becomes its caller's own. What its present token was for is to be begun anew. False where it
 * was left before. */
bool agent_transport_leave(struct agent_transport *transport);
bool agent_transport_is_open(const struct agent_transport *transport);

#endif
