/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sockets that the agent listens on. That of Unix stands in a folder that nobody else can write to; a lock beside
 * it tells who is alive, so that a socket which a dead agent left is replaced and that of a living one is not.
 */
#ifndef MSTR_AGENT_LISTENER_H
#define MSTR_AGENT_LISTENER_H

#include "base/buffer.h"

#include <mstr/error.h>
#include <stdint.h>
#include <sys/types.h>

struct listener {
    int fd;        /* -1 = none */
    unsigned port; /* of TCP */
    int folder;    /* of a Unix socket that is ours to remove, as all that follows; -1 = none */
    int lock;
    struct buffer name;
    dev_t device;
    ino_t inode;
};

#define LISTENER_INIT                                                                                                \
    {                                                                                                                \
        -1, 0, -1, -1, BUFFER_INIT, 0, 0                                                                             \
    }

/* Makes the folder where it is missing. `shared`: others than the agent's own user have to reach it. MSTR_E_EXISTS
 * where an agent is running already, MSTR_E_DENIED for a folder that is not safe, MSTR_E_CONFIG else. */
enum mstr_code listener_open(const char *path, bool shared, struct listener *listener, mstr_error *error);
/* 127.0.0.1:PORT or [::1]:PORT, and no other; a port of 0 is any. */
enum mstr_code listener_open_tcp(const char *address, struct listener *listener, mstr_error *error);
/* The port of a TCP socket that somebody else has bound; 0 where it is not on loopback alone. */
unsigned listener_loopback_port(int fd);
/* Closes it, and removes the socket if it is still the one that was made. */
void listener_close(struct listener *listener);

#endif
