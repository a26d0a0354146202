/* SPDX-License-Identifier: Apache-2.0 */
/* How much of the agent one user may take. */
#include "quota.h"

#include "base/clock.h"
#include "recent.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { MINUTE = 60 * 1000, PLACES = 1024, TRIES = 16 };

struct share {
    uid_t uid;
    bool tcp;
    unsigned connections;
    int64_t since; /* when the present minute began */
    unsigned fetches;
    uint64_t keys[PLACES]; /* hashes of what was fetched in it, 0 = free; one that another pushes out counts again */
};

struct quota {
    pthread_mutex_t mutex;
    struct share *shares; /* of users who came once; as many as there are users */
    size_t count;
    unsigned connections;
    unsigned most;  /* whatever the limits say */
    uint64_t basis; /* of hashes, so that nobody makes two secrets look like one */
};

struct quota *quota_new(unsigned most)
{
    struct quota *quota = calloc(1, sizeof(*quota));
    if (quota != NULL && !clock_random(&quota->basis, sizeof(quota->basis))) {
        free(quota);
        return NULL;
    }
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

/* Where it is, or is to be. */
static uint64_t *place_of(struct share *share, uint64_t hash)
{
    for (size_t i = 0; i < TRIES; i++) {
        uint64_t *place = &share->keys[(hash + i) % PLACES];
        if (*place == hash || *place == 0) {
            return place;
        }
    }
    return &share->keys[hash % PLACES];
}

/* How many of them were not fetched in this minute; with `note` they count as such from now on. */
static unsigned count_new(struct share *share, uint64_t basis, const char *const *keys, size_t count, bool note)
{
    unsigned found = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t hash = recent_hash(basis, keys[i]);
        uint64_t *place = place_of(share, hash);
        found += *place != hash;
        *place = note ? hash : *place;
    }
    return found;
}

unsigned quota_fetch(struct quota *quota, const struct peer *peer, const char *const *keys, size_t count,
                     const struct quota_limits *limits, int64_t now)
{
    unsigned seconds = 0;
    pthread_mutex_lock(&quota->mutex);
    struct share *share = share_of(quota, peer);
    if (share != NULL && (share->fetches == 0 || now - share->since >= MINUTE)) {
        share->since = now;
        share->fetches = 0;
        memset(share->keys, 0, sizeof(share->keys));
    }
    unsigned more = share != NULL ? count_new(share, quota->basis, keys, count, false) : 0;
    if (share == NULL) {
        seconds = 1;
    } else if (more > 0 && share->fetches > 0 && share->fetches + more > limits->user_fetches) {
        seconds = (unsigned)((share->since + MINUTE - now) / 1000 + 1);
    } else {
        share->fetches += count_new(share, quota->basis, keys, count, true);
    }
    pthread_mutex_unlock(&quota->mutex);
    return seconds;
}
