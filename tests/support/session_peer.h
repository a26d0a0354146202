/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An agent that has a session with a server: it tells who it is, what it thinks of fingerprints, and answers what it
 * is asked below /session by the test's own replies.
 */
#ifndef MSTR_TESTS_SUPPORT_SESSION_PEER_H
#define MSTR_TESTS_SUPPORT_SESSION_PEER_H

#include "support/agent_peer.h"

#include <mstr/mstr.h>

#define SESSION_CONFIG                                                                                               \
    "[profile default]\nbase_url = http://127.0.0.1:1/api/\nusername = jane\npassword = x\n"                         \
    "[profile other]\nbase_url = http://127.0.0.1:1/api/\nlogin_mode = anonymous\n"

struct session_script {
    const char *check;      /* of /v1/resolve; NULL = all is the same */
    const char *login;      /* NULL = a good one */
    const char *replies[4]; /* to requests; "" ends the connection; the last one is repeated */
    bool deaf;              /* it ends the connection before it lets such a request go on */
};

static inline void session_peer_serve(struct local_peer *peer, int fd, unsigned connection)
{
    const struct session_script *script = peer->script;
    (void)connection;
    while (local_peer_head(peer, fd)) {
        const char *reply = NULL;
        if (script->deaf && strstr(peer->head, "/things ") != NULL) {
            peer->asked++;
            return;
        }
        if (!local_peer_go_on(peer, fd)) {
            return;
        }
        if (strncmp(peer->head, "GET /v1/status ", 15) == 0) {
            reply = AGENT_STATUS("1", "abc");
        } else if (strncmp(peer->head, "POST /v1/resolve ", 17) == 0) {
            reply = script->check != NULL ? script->check : "200 OK\r\n\r\n{\"results\":[]}";
        } else if (strstr(peer->head, "/auth/login ") != NULL) {
            reply = script->login != NULL ? script->login : "204 No Content\r\nX-MSTR-AuthToken: of-agent\r\n\r\n";
        } else if (strstr(peer->head, "/auth/logout ") != NULL) {
            reply = "204 No Content\r\n\r\n";
        } else {
            unsigned number = peer->asked++;
            while (number > 0 && script->replies[number] == NULL) {
                number--;
            }
            reply = script->replies[number] != NULL ? script->replies[number] : "";
        }
        if (*reply == '\0') {
            return;
        }
        agent_peer_reply(fd, reply);
        if (strstr(reply, "\r\nX-Short: ") != NULL) {
            return;
        }
    }
}

/* A context that uses the agent at the path. */
static inline mstr_context *session_peer_context(const char *path)
{
    mstr_context *context = NULL;
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    char config[] = "/var/tmp/mstr-config-XXXXXX";
    int fd = mkstemp(config);
    assert_int_equal(write(fd, SESSION_CONFIG, sizeof(SESSION_CONFIG) - 1), sizeof(SESSION_CONFIG) - 1);
    close(fd);
    options.config_file = config;
    options.agent = path;
    assert_int_equal(mstr_context_new(&options, &context, NULL), MSTR_OK);
    unlink(config);
    return context;
}

#endif
