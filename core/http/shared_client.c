/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP client of a context. */
#include "http/shared_client.h"

bool shared_client_init(struct shared_client *shared, const struct log *log)
{
    *shared = (struct shared_client){.log = log};
    return pthread_mutex_init(&shared->mutex, NULL) == 0;
}

void shared_client_destroy(struct shared_client *shared)
{
    http_client_free(shared->client);
    pthread_mutex_destroy(&shared->mutex);
}

struct http_client *shared_client_get(struct shared_client *shared, mstr_error *error)
{
    pthread_mutex_lock(&shared->mutex);
    if (shared->client == NULL) {
        http_client_new(&shared->options, shared->log, &shared->client, error);
    }
    struct http_client *client = shared->client;
    pthread_mutex_unlock(&shared->mutex);
    return client;
}
