/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is at the other end of a connection, and whether it may ask: of a Unix socket by what the kernel says of it
 * (unix(7), SO_PEERCRED and SO_PEERGROUPS), of TCP by the token alone (token.h).
 */
#ifndef MSTR_AGENT_PEER_H
#define MSTR_AGENT_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct peer {
    bool tcp;
    uid_t uid; /* of a Unix peer, as all that follows; -1 of any other */
    gid_t gid;
    pid_t pid;
};

/* Who may ask beside the agent's own user. */
struct peer_rules {
    uid_t own;
    const uid_t *users;
    size_t user_count;
    const gid_t *groups;
    size_t group_count;
    bool foreign_namespace; /* whoever has no id here may, too */
};

/* False where the kernel does not say. */
bool peer_read(int fd, struct peer *peer);
/* Why it may not ask; NULL where it may. `groups` are its supplementary ones. Pure. */
const char *peer_refusal(const struct peer *peer, const gid_t *groups, size_t count, const struct peer_rules *rules);
/* The same with the groups that the kernel tells of the connection. */
const char *peer_check(int fd, const struct peer *peer, const struct peer_rules *rules);
/* Whether it is the agent's own user or root, by a Unix socket: who may govern the agent. */
bool peer_governs(const struct peer *peer, uid_t own);

#endif
