/* SPDX-License-Identifier: Apache-2.0 */
/* A small scripted HTTP server. */
#include "support/tiny_server.h"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS = 128, REQUEST_MOST = 4 * 1024 * 1024 };

struct tiny_connection {
    struct tiny_server *server;
    pthread_t thread;
    int socket;
    SSL *tls;
    unsigned number;
};

struct tiny_server {
    tiny_handler handler;
    void *data;
    SSL_CTX *tls;
    int listener;
    unsigned port;
    pthread_t thread;
    sem_t running; /* posted by it */
    pthread_mutex_t lock;
    struct tiny_connection *connections[CONNECTIONS];
    unsigned connection_count;
    atomic_uint requests;
    atomic_bool stopping;
    const char *_Atomic blurt;
    char url[256];
};

static ssize_t receive(struct tiny_connection *c, char *into, size_t size)
{
    return c->tls != NULL ? SSL_read(c->tls, into, (int)size) : recv(c->socket, into, size, 0);
}

bool tiny_write(struct tiny_connection *c, const void *octets, size_t length)
{
    const char *at = octets;
    while (length > 0) {
        ssize_t sent =
            c->tls != NULL ? SSL_write(c->tls, at, (int)length) : send(c->socket, at, length, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        at += sent;
        length -= (size_t)sent;
    }
    return true;
}

bool tiny_text(struct tiny_connection *c, const char *text)
{
    return tiny_write(c, text, strlen(text));
}

void tiny_reset(struct tiny_connection *c)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    setsockopt(c->socket, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

void tiny_break(struct tiny_connection *c)
{
    const struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
    shutdown(c->socket, SHUT_WR);
    connect(c->socket, &nowhere, sizeof(nowhere)); /* which is how a connected socket sends RST and stays open */
}

void tiny_wait_for_end(struct tiny_connection *c)
{
    char octet;
    while (recv(c->socket, &octet, 1, 0) > 0) {
    }
}

/* Whether there is more to come from the peer, once it has something to read. */
static bool carry_out(struct tiny_connection *c, int other)
{
    char octets[16384];
    do {
        ssize_t got = receive(c, octets, sizeof(octets));
        if (got <= 0 || send(other, octets, (size_t)got, MSG_NOSIGNAL) != got) {
            return false;
        }
    } while (c->tls != NULL && SSL_pending(c->tls) > 0);
    return true;
}

static bool carry_back(struct tiny_connection *c, int other)
{
    char octets[16384];
    ssize_t got = recv(other, octets, sizeof(octets), 0);
    return got > 0 && tiny_write(c, octets, (size_t)got);
}

void tiny_tunnel(struct tiny_connection *c, unsigned port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int other = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct pollfd waited[] = {{c->socket, POLLIN, 0}, {other, POLLIN, 0}};
    bool on = connect(other, (struct sockaddr *)&address, sizeof(address)) == 0 &&
              tiny_text(c, "HTTP/1.1 200 Connection established\r\n\r\n");
    while (on && poll(waited, 2, -1) > 0) {
        on = (waited[0].revents == 0 || carry_out(c, other)) && (waited[1].revents == 0 || carry_back(c, other));
    }
    close(other);
}

static size_t announced(const char *head)
{
    const char *line = strcasestr(head, "\r\nContent-Length:");
    return line != NULL ? strtoul(line + 17, NULL, 10) : 0;
}

/* Reads on until `wanted` octets are there, or the chunked body's last chunk. False when the peer has gone. */
static bool fill(struct tiny_connection *c, char *octets, size_t *length, size_t wanted, const char *chunked)
{
    while (chunked != NULL ? memmem(chunked, *length - (size_t)(chunked - octets), "0\r\n\r\n", 5) == NULL
                           : *length < wanted) {
        ssize_t got = *length < REQUEST_MOST ? receive(c, octets + *length, REQUEST_MOST - *length) : 0;
        if (got <= 0) {
            return false;
        }
        *length += (size_t)got;
        octets[*length] = '\0';
    }
    return true;
}

/* One request; false at the end of the connection. */
static bool serve_one(struct tiny_connection *c, char *octets, size_t *length, unsigned on_connection)
{
    char *blank = NULL;
    while ((blank = memmem(octets, *length, "\r\n\r\n", 4)) == NULL) {
        if (!fill(c, octets, length, *length + 1, NULL)) {
            return false;
        }
    }
    size_t head = (size_t)(blank + 4 - octets);
    char *text = strndup(octets, head);
    atomic_fetch_add(&c->server->requests, 1);
    size_t body = announced(text);
    bool chunked = strcasestr(text, "\r\nTransfer-Encoding: chunked") != NULL;
    bool good = fill(c, octets, length, head + body, chunked ? octets + head : NULL);
    if (chunked) {
        body = *length - head;
    }
    struct tiny_request request = {text, octets + head, body, c->number, on_connection};
    good = good && c->server->handler(c, &request, c->server->data);
    if (good) {
        memmove(octets, octets + head + body, *length - head - body);
        *length -= head + body;
        octets[*length] = '\0';
    }
    free(text);
    return good;
}

static void *serve(void *data)
{
    struct tiny_connection *c = data;
    char *octets = calloc(1, REQUEST_MOST + 1);
    size_t length = 0;
    bool good = octets != NULL;
    if (c->server->tls != NULL) {
        c->tls = SSL_new(c->server->tls);
        SSL_set_fd(c->tls, c->socket);
        good = good && SSL_accept(c->tls) == 1;
        if (!good) { /* what is not read would make the system reset the connection, and the alert be lost */
            shutdown(c->socket, SHUT_WR);
            tiny_wait_for_end(c);
        }
    }
    const char *text = atomic_load(&c->server->blurt);
    if (text != NULL) {
        tiny_text(c, text);
        tiny_wait_for_end(c);
        good = false;
    }
    for (unsigned number = 1; good; number++) {
        good = serve_one(c, octets, &length, number);
    }
    pthread_mutex_lock(&c->server->lock);
    SSL_free(c->tls);
    close(c->socket);
    c->socket = -1;
    pthread_mutex_unlock(&c->server->lock);
    free(octets);
    return NULL;
}

static void *accept_all(void *data)
{
    struct tiny_server *server = data;
    int accepted;
    sem_post(&server->running);
    while ((accepted = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
        pthread_mutex_lock(&server->lock);
        struct tiny_connection *c = calloc(1, sizeof(*c));
        if (c == NULL || server->connection_count == CONNECTIONS || atomic_load(&server->stopping)) {
            close(accepted);
            free(c);
        } else {
            server->connections[server->connection_count++] = c;
            *c = (struct tiny_connection){.server = server, .socket = accepted, .number = server->connection_count};
            pthread_create(&c->thread, NULL, serve, c);
        }
        pthread_mutex_unlock(&server->lock);
    }
    return NULL;
}

struct tiny_server *tiny_server_start(tiny_handler handler, void *data, SSL_CTX *tls)
{
    struct tiny_server *server = calloc(1, sizeof(*server));
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(address);
    if (server == NULL) {
        abort();
    }
    server->handler = handler;
    server->data = data;
    server->tls = tls;
    pthread_mutex_init(&server->lock, NULL);
    sem_init(&server->running, 0, 0);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(server->listener, (struct sockaddr *)&address, size) != 0 || listen(server->listener, 64) != 0 ||
        getsockname(server->listener, (struct sockaddr *)&address, &size) != 0 ||
        pthread_create(&server->thread, NULL, accept_all, server) != 0) {
        abort();
    }
    server->port = ntohs(address.sin_port);
    /* A test that forks now must not do so while the thread begins, and holds the allocator's lock. */
    while (sem_wait(&server->running) != 0) {
    }
    return server;
}

void tiny_server_stop(struct tiny_server *server)
{
    atomic_store(&server->stopping, true);
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->listener);
    pthread_mutex_lock(&server->lock);
    for (unsigned i = 0; i < server->connection_count; i++) {
        if (server->connections[i]->socket >= 0) {
            shutdown(server->connections[i]->socket, SHUT_RDWR);
        }
    }
    pthread_mutex_unlock(&server->lock);
    for (unsigned i = 0; i < server->connection_count; i++) {
        pthread_join(server->connections[i]->thread, NULL);
        free(server->connections[i]);
    }
    pthread_mutex_destroy(&server->lock);
    sem_destroy(&server->running);
    free(server);
}

void tiny_server_blurt(struct tiny_server *server, const char *text)
{
    atomic_store(&server->blurt, text);
}

unsigned tiny_server_port(const struct tiny_server *server)
{
    return server->port;
}

const char *tiny_server_url(struct tiny_server *server, const char *path)
{
    snprintf(server->url, sizeof(server->url), "http%s://127.0.0.1:%u%s", server->tls != NULL ? "s" : "",
             server->port, path);
    return server->url;
}

unsigned tiny_server_connections(struct tiny_server *server)
{
    pthread_mutex_lock(&server->lock);
    unsigned count = server->connection_count;
    pthread_mutex_unlock(&server->lock);
    return count;
}

unsigned tiny_server_requests(struct tiny_server *server)
{
    return atomic_load(&server->requests);
}
