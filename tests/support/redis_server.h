/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Debian's redis-server, for tests: on a Unix socket and a port of 127.0.0.1 in a folder of its own, with nothing
 * kept on disk.
 */
#ifndef MSTR_TESTS_SUPPORT_REDIS_SERVER_H
#define MSTR_TESTS_SUPPORT_REDIS_SERVER_H

#include <sys/types.h>

struct redis_server {
    pid_t process; /* 0 = it does not run */
    unsigned port;
    char folder[32];
    char socket[64];
    char answer[4096]; /* of redis_server_tell() */
};

/* A port that nobody listens at. */
unsigned redis_server_free_port(void);
/* Starts it with more lines of configuration, and waits until it answers. Fails the test if it cannot. */
void redis_server_start(struct redis_server *server, const char *lines);
/* As `sudo kill -9` does; redis_server_again() starts it anew, empty, at the same place. */
void redis_server_kill(struct redis_server *server);
void redis_server_again(struct redis_server *server, const char *lines);
/* Kills it and takes its folder away. */
void redis_server_stop(struct redis_server *server);
/* A command as one types it, over the socket; the answer's octets so far as they come at once, without the line
 * end. */
const char *redis_server_tell(struct redis_server *server, const char *command);

#endif
