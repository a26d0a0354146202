/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS by OpenSSL over a socket of ours: 1.2 or later, the peer's chain by the host's rule and its name verified,
 * always. OpenSSL sees memory alone, so that every wait is ours.
 */
#ifndef MSTR_PROVIDERS_REDIS_WIRE_TLS_H
#define MSTR_PROVIDERS_REDIS_WIRE_TLS_H

#include "redis/config/settings.h"
#include "redis/wire/socket.h"

#include <openssl/types.h>
#include <pthread.h>

/* Whom we trust and what we show, shared by a store's connections; read anew once a minute, so that renewed files
 * count. */
struct tls_side {
    pthread_mutex_t lock;
    SSL_CTX *context; /* NULL = not read yet */
    int64_t read;     /* monotonic, ms */
};

bool tls_side_init(struct tls_side *side);
void tls_side_destroy(struct tls_side *side);

struct tls;

/* Speaks to whoever is connected there, until his name is verified. *tls is NULL after a failure. */
enum mstr_code tls_begin(struct tls_side *side, const struct settings *settings, const char *peer, int fd,
                         const struct wait *wait, struct tls **tls, struct mstr_error *error);
/* As those of a socket. */
enum mstr_code tls_send(struct tls *tls, const char *octets, size_t length, const struct wait *wait,
                        struct mstr_error *error);
enum mstr_code tls_receive(struct tls *tls, char *into, size_t capacity, const struct wait *wait, size_t *got,
                           struct mstr_error *error);
/* Whether all that came was read. */
bool tls_is_quiet(const struct tls *tls);
/* The protocol and the cipher, for people. */
void tls_tell(const struct tls *tls, char *text, size_t size);
/* NULL is accepted; the socket stays the caller's. */
void tls_free(struct tls *tls);

#endif
