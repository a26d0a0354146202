/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP client that everything in a context shares, made when the first request needs it, so that a program which
 * resolves nothing over the network does not pay for libcurl. Thread-safe.
 */
#ifndef MSTR_HTTP_SHARED_CLIENT_H
#define MSTR_HTTP_SHARED_CLIENT_H

#include "http/client.h"

#include <pthread.h>

struct shared_client {
    struct http_client_options options; /* texts are borrowed */
    const struct log *log;
    pthread_mutex_t mutex;
    struct http_client *client; /* NULL until the first request */
};

/* False without resources. `options` may change until the first request, but for one thread alone. */
bool shared_client_init(struct shared_client *shared, const struct log *log);
void shared_client_destroy(struct shared_client *shared);
/* Made on the first call. NULL with `error` told when it cannot be made. */
struct http_client *shared_client_get(struct shared_client *shared, mstr_error *error);

#endif
