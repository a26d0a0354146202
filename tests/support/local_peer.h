/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A listener on a Unix socket in the test's own process, whose answers the test writes octet by octet. It serves one
 * connection at a time, in a thread of its own. The socket stands in a folder of its own below /var/tmp, since an
 * agent's may not be below /tmp.
 */
#ifndef MSTR_TESTS_SUPPORT_LOCAL_PEER_H
#define MSTR_TESTS_SUPPORT_LOCAL_PEER_H

#include "support/unit.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct local_peer {
    char folder[40];
    char path[64];
    int listener;
    /* Serves one connection, counted from 1; the descriptor is closed after it. */
    void (*serve)(struct local_peer *peer, int fd, unsigned connection);
    const void *script; /* the test's own */
    atomic_uint connections;
    atomic_uint requests;
    atomic_uint asked; /* the test's own, as it serves */
    char head[8192];   /* of the last request */
    char body[8192];
    pthread_t thread;
    int wake[2];
};

static inline void *local_peer_run(void *data)
{
    struct local_peer *peer = data;
    for (;;) {
        struct pollfd waited[] = {{peer->listener, POLLIN, 0}, {peer->wake[0], POLLIN, 0}};
        poll(waited, 2, -1);
        if (waited[1].revents != 0) {
            return NULL;
        }
        int fd = accept(peer->listener, NULL, NULL);
        if (fd >= 0) {
            peer->serve(peer, fd, atomic_fetch_add(&peer->connections, 1) + 1);
            close(fd);
        }
    }
}

static inline void local_peer_start(struct local_peer *peer,
                                    void (*serve)(struct local_peer *peer, int fd, unsigned connection),
                                    const void *script)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memset(peer, 0, sizeof(*peer));
    strcpy(peer->folder, "/var/tmp/mstr-peer-XXXXXX");
    assert_non_null(mkdtemp(peer->folder));
    snprintf(peer->path, sizeof(peer->path), "%s/agent.sock", peer->folder);
    strcpy(address.sun_path, peer->path);
    peer->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(peer->listener, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(peer->listener, 16), 0);
    assert_int_equal(pipe(peer->wake), 0);
    peer->serve = serve;
    peer->script = script;
    assert_int_equal(pthread_create(&peer->thread, NULL, local_peer_run, peer), 0);
}

/* No client's connection may be open, or the end of the one that is served must be its own affair. */
static inline void local_peer_stop(struct local_peer *peer)
{
    assert_int_equal(write(peer->wake[1], "x", 1), 1);
    pthread_join(peer->thread, NULL);
    close(peer->listener);
    close(peer->wake[0]);
    close(peer->wake[1]);
    unlink(peer->path);
    rmdir(peer->folder);
}

static inline void local_peer_say(int fd, const char *text)
{
    size_t length = strlen(text);
    while (length > 0) {
        ssize_t sent = send(fd, text, length, MSG_NOSIGNAL);
        if (sent <= 0) {
            return;
        }
        text += sent;
        length -= (size_t)sent;
    }
}

/* Up to and with the empty line, and nothing behind it; false at the end of the connection. */
static inline bool local_peer_head(struct local_peer *peer, int fd)
{
    size_t length = 0;
    char octet; /* ThreadSanitizer takes what recv() writes for older than what it waited for */
    while (length < sizeof(peer->head) - 1 && recv(fd, &octet, 1, 0) == 1) {
        peer->head[length++] = octet;
        peer->head[length] = '\0';
        if (length >= 4 && strcmp(peer->head + length - 4, "\r\n\r\n") == 0) {
            atomic_fetch_add(&peer->requests, 1);
            return true;
        }
    }
    return false;
}

static inline bool local_peer_body(struct local_peer *peer, int fd, size_t length)
{
    size_t got = 0;
    while (got < length) {
        ssize_t more = recv(fd, peer->body + got, length - got, 0);
        if (more <= 0) {
            return false;
        }
        got += (size_t)more;
    }
    peer->body[got] = '\0';
    return true;
}

/* What the head says of the body's length. */
static inline size_t local_peer_length(const struct local_peer *peer)
{
    const char *line = strstr(peer->head, "Content-Length: ");
    return line != NULL ? strtoul(line + strlen("Content-Length: "), NULL, 10) : 0;
}

/* The rest of a request, which an agent asks for as soon as the head is there. Of chunked bodies the empty one. */
static inline bool local_peer_go_on(struct local_peer *peer, int fd)
{
    local_peer_say(fd, "HTTP/1.1 100 Continue\r\n\r\n");
    size_t empty = strstr(peer->head, "Transfer-Encoding: chunked\r\n") != NULL ? strlen("0\r\n\r\n") : 0;
    return local_peer_body(peer, fd, empty + local_peer_length(peer));
}

static inline bool local_peer_request(struct local_peer *peer, int fd)
{
    return local_peer_head(peer, fd) && local_peer_go_on(peer, fd);
}

#endif
