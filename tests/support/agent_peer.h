/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An agent that does what the test says: it tells who it is, and answers each question by the next of its replies.
 */
#ifndef MSTR_TESTS_SUPPORT_AGENT_PEER_H
#define MSTR_TESTS_SUPPORT_AGENT_PEER_H

#include "support/local_peer.h"

#define AGENT_STATUS(protocol, key) "200 OK\r\n\r\n{\"protocol\":" protocol ",\"key\":\"" key "\"}"

struct agent_script {
    const char *status;     /* "STATUS REASON\r\nHEADERS\r\n\r\nBODY" without a length; NULL = that of a good agent */
    const char *replies[8]; /* the same, to questions; "" ends the connection; the last one is repeated */
};

/* Of a reply with the header X-Short four octets are missing at the end. */
static inline void agent_peer_reply(int fd, const char *reply)
{
    char text[16384];
    const char *body = strstr(reply, "\r\n\r\n") + 4;
    size_t missing = strstr(reply, "\r\nX-Short: ") != NULL ? 4 : 0;
    snprintf(text, sizeof(text), "HTTP/1.1 %.*sContent-Length: %zu\r\n\r\n%s", (int)(body - 2 - reply), reply,
             strlen(body) + missing, body);
    local_peer_say(fd, text);
}

static inline void agent_peer_serve(struct local_peer *peer, int fd, unsigned connection)
{
    const struct agent_script *script = peer->script;
    (void)connection;
    while (local_peer_request(peer, fd)) {
        if (strncmp(peer->head, "GET /v1/status ", 15) == 0) {
            agent_peer_reply(fd, script->status != NULL ? script->status : AGENT_STATUS("1", "abc"));
            continue;
        }
        unsigned number = peer->asked++;
        number = number < COUNT_OF(script->replies) ? number : COUNT_OF(script->replies) - 1;
        while (number > 0 && script->replies[number] == NULL) {
            number--;
        }
        if (script->replies[number] == NULL || script->replies[number][0] == '\0') {
            return;
        }
        agent_peer_reply(fd, script->replies[number]);
    }
}

#endif
