/* SPDX-License-Identifier: Apache-2.0 */
/* How much of the agent one user may take. */
#include "quota.h"

#include <pthread.h>
#include <stdlib.h>

enum { MINUTE = 60 * 1000 };

struct share {
    uid_t uid;
    bool tcp;
    unsigned connections;
    int64_t since; /* when the present minute began */
    unsigned fetches;
};

struct quota {
    pthread_mutex_t mutex;
    struct share *shares; /* of users who came once; as many as there are users */
    size_t count;
    unsigned connections;
    unsigned most; /* whatever the limits say */
};

struct quota *quota_new(unsigned most)
{
    struct quota *quota = calloc(1, sizeof(*quota));
    if (quota != NULL) {
        quota->most = most;
        pthread_mutex_init(&quota->mutex, NULL);
    }
    return quota;
}

void quota_free(struct quota *quota)
{
    if (quota != NULL) {
        pthread_mutex_destroy(&quota->mutex);
        free(quota->shares);
        free(quota);
    }
}

/* NULL without memory. Under the mutex. */
static struct share *share_of(struct quota *quota, const struct peer *peer)
{
    for (size_t i = 0; i < quota->count; i++) {
        if (quota->shares[i].tcp == peer->tcp && (peer->tcp || quota->shares[i].uid == peer->uid)) {
            return &quota->shares[i];
        }
    }
    struct share *shares = realloc(quota->shares, (quota->count + 1) * sizeof(*shares));
    if (shares == NULL) {
        return NULL;
    }
    quota->shares = shares;
    shares[quota->count] = (struct share){.uid = peer->uid, .tcp = peer->tcp};
    return &shares[quota->count++];
}

bool quota_connect(struct quota *quota, const struct peer *peer, const struct quota_limits *limits)
{
    pthread_mutex_lock(&quota->mutex);
    struct share *share = share_of(quota, peer);
    bool room = share != NULL && quota->connections < quota->most && quota->connections < limits->connections &&
                share->connections < limits->user_connections;
    if (room) {
        quota->connections++;
        share->connections++;
    }
    pthread_mutex_unlock(&quota->mutex);
    return room;
}

void quota_disconnect(struct quota *quota, const struct peer *peer)
{
    pthread_mutex_lock(&quota->mutex);
    quota->connections--;
    share_of(quota, peer)->connections--; /* it is there since the connection came */
    pthread_mutex_unlock(&quota->mutex);
}

unsigned quota_connections(const struct quota *quota)
{
    struct quota *locked = (struct quota *)(uintptr_t)quota;
    pthread_mutex_lock(&locked->mutex);
    unsigned connections = quota->connections;
    pthread_mutex_unlock(&locked->mutex);
    return connections;
}

unsigned quota_fetch(struct quota *quota, const struct peer *peer, unsigned count, const struct quota_limits *limits,
                     int64_t now)
{
    unsigned seconds = 0;
    pthread_mutex_lock(&quota->mutex);
    struct share *share = share_of(quota, peer);
    if (share != NULL && (share->fetches == 0 || now - share->since >= MINUTE)) {
        share->since = now;
        share->fetches = 0;
    }
    if (share == NULL) {
        seconds = 1;
    } else if (count > 0 && share->fetches > 0 && share->fetches + count > limits->user_fetches) {
        seconds = (unsigned)((share->since + MINUTE - now) / 1000 + 1);
    } else {
        share->fetches += count;
    }
    pthread_mutex_unlock(&quota->mutex);
    return seconds;
}
