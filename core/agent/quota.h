/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much of the agent one user may take: connections at once, and different secrets that are fetched for him in a
 * minute, of which many may ask for the same. Whoever comes over TCP is one user. Thread-safe.
 */
#ifndef MSTR_AGENT_QUOTA_H
#define MSTR_AGENT_QUOTA_H

#include "peer.h"

#include <stddef.h>
#include <stdint.h>

struct quota;

struct quota_limits {
    unsigned connections;      /* in all */
    unsigned user_connections; /* of one user */
    unsigned user_fetches;     /* of one user in a minute */
};

/* `most`: the connections that there can be, whatever the limits say. NULL without memory. */
struct quota *quota_new(unsigned most);
void quota_free(struct quota *quota);
/* Takes a connection; false where it would be one too many. */
bool quota_connect(struct quota *quota, const struct peer *peer, const struct quota_limits *limits);
void quota_disconnect(struct quota *quota, const struct peer *peer);
unsigned quota_connections(const struct quota *quota);
/* Takes fetches of the secrets with these keys at the time `now` (ms, monotonic); else the seconds after which there
 * is room again. What comes first in a minute is taken whatever its number, or it never would be. */
unsigned quota_fetch(struct quota *quota, const struct peer *peer, const char *const *keys, size_t count,
                     const struct quota_limits *limits, int64_t now);

#endif
