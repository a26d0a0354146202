/* SPDX-License-Identifier: Apache-2.0 */
/* Who is at the other end of a connection, and whether it may ask. */
#define _GNU_SOURCE /* struct ucred */
#include "peer.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

/* Whom the kernel shows in the place of an id that this user namespace does not have. */
enum { OVERFLOW_ID = 65534 };

bool peer_read(int fd, struct peer *peer)
{
    int family = AF_UNSPEC;
    socklen_t length = sizeof(family);
    struct ucred found = {0};
    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &length) != 0) {
        return false;
    }
    *peer = (struct peer){.tcp = family != AF_UNIX, .uid = (uid_t)-1, .gid = (gid_t)-1, .pid = -1};
    if (peer->tcp) {
        return true;
    }
    length = sizeof(found);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &found, &length) != 0) {
        return false;
    }
    peer->uid = found.uid;
    peer->gid = found.gid;
    peer->pid = found.pid;
    return true;
}

static bool is_listed_user(uid_t uid, const struct peer_rules *rules)
{
    for (size_t i = 0; i < rules->user_count; i++) {
        if (rules->users[i] == uid) {
            return true;
        }
    }
    return false;
}

static bool is_listed_group(gid_t gid, const struct peer_rules *rules)
{
    for (size_t i = 0; i < rules->group_count; i++) {
        if (rules->groups[i] == gid) {
            return true;
        }
    }
    return false;
}

static bool is_member(const struct peer *peer, const gid_t *groups, size_t count, const struct peer_rules *rules)
{
    bool member = is_listed_group(peer->gid, rules);
    for (size_t i = 0; i < count && !member; i++) {
        member = is_listed_group(groups[i], rules);
    }
    return member;
}

const char *peer_refusal(const struct peer *peer, const gid_t *groups, size_t count, const struct peer_rules *rules)
{
    if (peer->tcp) {
        return NULL;
    }
    if ((peer->uid == OVERFLOW_ID || peer->pid == 0) && !rules->foreign_namespace) {
        return "it is of another namespace, which allow_foreign_namespace = yes admits";
    }
    if (peer->uid == rules->own || is_listed_user(peer->uid, rules)) {
        return NULL;
    }
    if (peer->uid == 0) {
        return "it is root's, which allow_user does not name";
    }
    return is_member(peer, groups, count, rules) ? NULL : "neither allow_user nor allow_group names its user";
}

const char *peer_check(int fd, const struct peer *peer, const struct peer_rules *rules)
{
    socklen_t size = 0;
    gid_t *groups = NULL;
    if (!peer->tcp && rules->group_count > 0 && getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &size) != 0 &&
        errno == ERANGE) {
        groups = malloc(size);
    }
    if (groups != NULL && getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) != 0) {
        size = 0;
    }
    const char *why = peer_refusal(peer, groups, groups != NULL ? size / sizeof(*groups) : 0, rules);
    free(groups);
    return why;
}

bool peer_governs(const struct peer *peer, uid_t own)
{
    return !peer->tcp && (peer->uid == own || peer->uid == 0);
}
