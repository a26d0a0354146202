/* SPDX-License-Identifier: Apache-2.0 */
/* A server that speaks RESP as the test says. */
#include "support/resp_peer.h"

#include "support/unit.h"

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 64, HEARD_MAX = 64 * 1024, INPUT_MAX = 512 * 1024 };

struct resp_peer {
    pthread_mutex_t lock;
    pthread_t acceptor;
    pthread_t threads[CONNECTIONS_MAX];
    int sockets[CONNECTIONS_MAX];
    unsigned connections;
    int listener;
    unsigned port;
    SSL_CTX *tls;
    const char *const *answers;
    char heard[HEARD_MAX];
    char shown[HEARD_MAX];
};

struct client {
    struct resp_peer *peer;
    int fd;
    SSL *ssl;
    char *input;
    size_t length;
};

static long read_some(struct client *client)
{
    char *into = client->input + client->length;
    size_t room = INPUT_MAX - client->length - 1;
    long got = client->ssl != NULL ? SSL_read(client->ssl, into, (int)room) : recv(client->fd, into, room, 0);
    if (got > 0) {
        client->length += (size_t)got;
        client->input[client->length] = '\0';
    }
    return got;
}

static bool write_all(struct client *client, const char *text, size_t length)
{
    while (length > 0) {
        long sent = client->ssl != NULL ? SSL_write(client->ssl, text, (int)length)
                                        : send(client->fd, text, length, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        text += sent;
        length -= (size_t)sent;
    }
    return true;
}

/* The octets of a whole command at the input's begin, whose words are appended to `line`; 0 = it is not whole yet. */
static size_t read_command(const struct client *client, char *line, size_t size)
{
    char *at = client->input;
    const char *end = client->input + client->length;
    long words = strtol(at + 1, &at, 10);
    size_t used = 0;
    line[0] = '\0';
    for (long i = 0; i < words; i++) {
        if (end - at < 4) {
            return 0;
        }
        long length = strtol(at + 3, &at, 10);
        if (at + 2 > end || end - (at + 2) < length + 2) {
            return 0;
        }
        used += (size_t)snprintf(line + used, size - used, "%s%.*s", i > 0 ? " " : "", (int)length, at + 2);
        used = used < size ? used : size - 1;
        at += 2 + length;
    }
    at += 2;
    return at > end || client->length == 0 ? 0 : (size_t)(at - client->input);
}

static const char *note(struct resp_peer *peer, const char *line)
{
    pthread_mutex_lock(&peer->lock);
    size_t used = strlen(peer->heard);
    snprintf(peer->heard + used, HEARD_MAX - used, "%s\n", line);
    const char *answer = *peer->answers;
    if (peer->answers[1] != NULL) {
        peer->answers++;
    }
    pthread_mutex_unlock(&peer->lock);
    return answer;
}

static bool give(struct client *client, const char *answer)
{
    switch (answer[0]) {
    case '\1':
        return false;
    case '\2':
        return true;
    case '\3':
        write_all(client, answer + 1, strlen(answer + 1));
        return false;
    case '\4':
        for (const char *at = answer + 1; *at != '\0'; at++) {
            if (!write_all(client, at, 1)) {
                return false;
            }
            sched_yield();
        }
        return true;
    default:
        return write_all(client, answer, strlen(answer));
    }
}

static void *serve(void *data)
{
    struct client *client = data;
    char line[4096];
    bool open = client->ssl == NULL || SSL_accept(client->ssl) == 1;
    while (open && read_some(client) > 0) {
        for (size_t whole = 0; open && (whole = read_command(client, line, sizeof(line))) > 0;) {
            client->length -= whole;
            memmove(client->input, client->input + whole, client->length + 1);
            open = give(client, note(client->peer, line));
        }
    }
    shutdown(client->fd, SHUT_RDWR);
    SSL_free(client->ssl);
    free(client->input);
    free(client);
    return NULL;
}

static void *accept_all(void *data)
{
    struct resp_peer *peer = data;
    for (int fd = -1; (fd = accept(peer->listener, NULL, NULL)) >= 0;) {
        struct client *client = calloc(1, sizeof(*client));
        *client = (struct client){.peer = peer, .fd = fd, .input = calloc(1, INPUT_MAX)};
        if (peer->tls != NULL) {
            client->ssl = SSL_new(peer->tls);
            SSL_set_fd(client->ssl, fd);
        }
        pthread_mutex_lock(&peer->lock);
        peer->sockets[peer->connections] = fd;
        pthread_create(&peer->threads[peer->connections++], NULL, serve, client);
        pthread_mutex_unlock(&peer->lock);
    }
    return NULL;
}

struct resp_peer *resp_peer_start(const char *const *answers, SSL_CTX *tls)
{
    struct resp_peer *peer = calloc(1, sizeof(*peer));
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(place);
    assert_non_null(peer);
    pthread_mutex_init(&peer->lock, NULL);
    peer->answers = answers;
    peer->tls = tls;
    peer->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(peer->listener, (struct sockaddr *)&place, size), 0);
    assert_int_equal(listen(peer->listener, 16), 0);
    getsockname(peer->listener, (struct sockaddr *)&place, &size);
    peer->port = ntohs(place.sin_port);
    pthread_create(&peer->acceptor, NULL, accept_all, peer);
    return peer;
}

void resp_peer_stop(struct resp_peer *peer)
{
    shutdown(peer->listener, SHUT_RDWR);
    pthread_join(peer->acceptor, NULL);
    for (unsigned i = 0; i < peer->connections; i++) {
        shutdown(peer->sockets[i], SHUT_RDWR);
        pthread_join(peer->threads[i], NULL);
        close(peer->sockets[i]);
    }
    close(peer->listener);
    pthread_mutex_destroy(&peer->lock);
    free(peer);
}

unsigned resp_peer_port(const struct resp_peer *peer)
{
    return peer->port;
}

unsigned resp_peer_connections(struct resp_peer *peer)
{
    pthread_mutex_lock(&peer->lock);
    unsigned connections = peer->connections;
    pthread_mutex_unlock(&peer->lock);
    return connections;
}

const char *resp_peer_heard(struct resp_peer *peer)
{
    pthread_mutex_lock(&peer->lock);
    memcpy(peer->shown, peer->heard, HEARD_MAX);
    pthread_mutex_unlock(&peer->lock);
    return peer->shown;
}
