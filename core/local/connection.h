/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection to a Unix socket, whose listener is looked at before an octet is sent, and waits upon it within
 * limits. Used by one thread at a time.
 */
#ifndef MSTR_LOCAL_CONNECTION_H
#define MSTR_LOCAL_CONNECTION_H

#include "base/error.h"
#include "base/limits.h"
#include "local/outcome.h"

#include <sys/types.h>

/* ms for connecting, and for the first octet of an answer. Not constant, as tests want more of it, or less. */
extern int64_t connection_patience;

/* Connects. The listener must be this user's own process, root's or `owner`'s. The descriptor is close-on-exec and
 * never blocks; -1 unless the outcome is LOCAL_ANSWERED. */
enum local_outcome connection_open(const char *path, uid_t owner, const struct limits *limits, int *fd,
                                   mstr_error *error);
/* Whether a connection that was left idle can be used again, so far as can be seen: nothing has come, not even its
 * end. */
bool connection_is_idle(int fd);
/* Sends all of it. LOCAL_BROKEN where the peer does not take it: it may have answered before. */
enum local_outcome connection_send(int fd, const char *octets, size_t length, const struct limits *limits,
                                   mstr_error *error);
/* Receives some octets, 0 at the end, within the limits, or within `patience` ms of them where that is not 0:
 * LOCAL_ABSENT then, if only that has passed. An end that is found once the limits are reached is theirs:
 * LOCAL_ENDED. */
enum local_outcome connection_receive(int fd, char *into, size_t capacity, int64_t patience,
                                      const struct limits *limits, size_t *got, mstr_error *error);

#endif
