/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From names to addresses within limits. The system's resolver knows none, so a name is looked up in a thread that
 * the caller may leave behind; whoever asks for the same name meanwhile waits for that one. Addresses and sockets
 * need no thread.
 */
#ifndef MSTR_PROVIDERS_REDIS_WIRE_RESOLVER_H
#define MSTR_PROVIDERS_REDIS_WIRE_RESOLVER_H

#include "redis/wire/socket.h"

#include <pthread.h>

struct lookup;

struct resolver {
    pthread_mutex_t lock;
    struct lookup *pending; /* the latest, while it may be under way */
};

bool resolver_init(struct resolver *resolver);
/* Lookups that are under way end by themselves. */
void resolver_destroy(struct resolver *resolver);
enum mstr_code resolver_find(struct resolver *resolver, const struct endpoint *endpoint, const struct wait *wait,
                             struct addresses *addresses, struct mstr_error *error);

#endif
