/* SPDX-License-Identifier: Apache-2.0 */
/* Which secrets were fetched anew a moment ago at somebody's wish. */
#include "recent.h"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

enum { PLACES = 1024, PAUSE = 5000 };

struct recent {
    pthread_mutex_t mutex;
    struct {
        uint64_t hash;
        int64_t until;
    } places[PLACES];
};

struct recent *recent_new(void)
{
    struct recent *recent = calloc(1, sizeof(*recent));
    if (recent != NULL) {
        pthread_mutex_init(&recent->mutex, NULL);
    }
    return recent;
}

void recent_free(struct recent *recent)
{
    if (recent != NULL) {
        pthread_mutex_destroy(&recent->mutex);
        free(recent);
    }
}

/* FNV-1a. */
uint64_t recent_hash(uint64_t basis, const char *key)
{
    uint64_t hash = basis;
    for (; *key != '\0'; key++) {
        hash = (hash ^ (unsigned char)*key) * UINT64_C(1099511628211);
    }
    return hash;
}

bool recent_may(struct recent *recent, const char *key, int64_t now)
{
    uint64_t hash = recent_hash(UINT64_C(14695981039346656037), key);
    pthread_mutex_lock(&recent->mutex);
    bool may = recent->places[hash % PLACES].hash != hash || recent->places[hash % PLACES].until <= now;
    if (may) {
        recent->places[hash % PLACES].hash = hash;
        recent->places[hash % PLACES].until = now + PAUSE;
    }
    pthread_mutex_unlock(&recent->mutex);
    return may;
}
