/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the store does for us at one blow, in its own Lua (Redis 5 and later, Valkey). Names of keys are
 *
 *     mstr:{GROUP}:NAME           a record: its fence in decimal, ":", its octets
 *     mstr:{GROUP}:NAME/lease     token ":" fence of whoever may write it
 *     mstr:{GROUP}:NAME/fence     the highest fence that was given out
 *     mstr:{GROUP}:NAME/members   a sorted set: when each beat last
 *
 * so that the braces keep those of a group on one server of a cluster; the channels are called as records. Each key
 * ends by itself.
 */
#ifndef MSTR_PROVIDERS_REDIS_SERVICE_SCRIPTS_H
#define MSTR_PROVIDERS_REDIS_SERVICE_SCRIPTS_H

#include "redis/wire/resp.h"

enum script_id {
    SCRIPT_GET,    /* record -> octets or nil, ms left, now */
    SCRIPT_PUT,    /* record, its fence, lease; token:fence, fence, record, keep, "release" or "", channel, message */
    SCRIPT_EXTEND, /* record; fence, keep -> outcome, as with those below but acquire, beat and leave */
    SCRIPT_REMOVE, /* record, its fence; fence */
    SCRIPT_ACQUIRE, /* record, lease, its fence; token, duration, known -> outcome, fence, left, now */
    SCRIPT_RENEW,   /* lease; token, duration */
    SCRIPT_RELEASE, /* lease; token */
    SCRIPT_BEAT,    /* members, perhaps a record; member, keep -> count, fence, now */
    SCRIPT_LEAVE,   /* the same */
    SCRIPT_COUNT
};

struct script {
    const char *text;
    char hash[41]; /* by which the store knows it, once it has seen it: SHA-1 */
};

struct scripts {
    struct script list[SCRIPT_COUNT];
};

/* False where OpenSSL cannot say their hashes. */
bool scripts_init(struct scripts *scripts);

#endif
