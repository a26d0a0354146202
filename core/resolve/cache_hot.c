/* SPDX-License-Identifier: Apache-2.0 */
/* The fast way to a value that was found a moment ago by the same reference text. */
#include "resolve/cache_hot.h"

#include "base/clock.h"
#include "base/text.h"
#include "secret/secret.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* CACHE_LINE is that of two lines, since processors fetch them in pairs; SERVES is in ms. */
enum { STRIPES = 16, SLOTS = 64, CACHE_LINE = 128, SERVES = 1000 };

struct slot {
    char *reference; /* NULL = empty */
    mstr_secret *secret;
    int64_t until;
};

struct stripe {
    pthread_mutex_t mutex;
    _Alignas(8) uint64_t hits;
    struct slot slots[SLOTS];
} __attribute__((aligned(CACHE_LINE)));

struct cache_hot {
    uint64_t generation __attribute__((aligned(CACHE_LINE)));
    struct stripe stripes[STRIPES];
};

/* Threads are dealt out to the stripes in turn. */
static struct stripe *own_stripe(struct cache_hot *hot)
{
    static unsigned dealt;
    static __thread unsigned mine; /* 0 = none yet */
    if (mine == 0) {
        mine = 1 + __atomic_fetch_add(&dealt, 1, __ATOMIC_RELAXED) % STRIPES;
    }
    return &hot->stripes[mine - 1];
}

static struct slot *slot_of(struct stripe *stripe, const char *reference)
{
    uint32_t hash = 2166136261u;
    for (; *reference != '\0'; reference++) {
        hash = (hash ^ (unsigned char)*reference) * 16777619u;
    }
    return &stripe->slots[hash % SLOTS];
}

static void clear(struct slot *slot)
{
    mstr_secret_release(slot->secret);
    free(slot->reference);
    *slot = (struct slot){NULL, NULL, 0};
}

struct cache_hot *cache_hot_new(void)
{
    struct cache_hot *hot = NULL;
    if (posix_memalign((void **)&hot, CACHE_LINE, sizeof(*hot)) != 0) {
        return NULL;
    }
    memset(hot, 0, sizeof(*hot));
    for (size_t i = 0; i < STRIPES; i++) {
        pthread_mutex_init(&hot->stripes[i].mutex, NULL);
    }
    return hot;
}

void cache_hot_free(struct cache_hot *hot)
{
    if (hot == NULL) {
        return;
    }
    cache_hot_empty(hot);
    for (size_t i = 0; i < STRIPES; i++) {
        pthread_mutex_destroy(&hot->stripes[i].mutex);
    }
    free(hot);
}

mstr_secret *cache_hot_get(struct cache_hot *hot, const char *reference)
{
    struct stripe *stripe = own_stripe(hot);
    mstr_secret *found = NULL;
    int64_t now = clock_monotonic();
    pthread_mutex_lock(&stripe->mutex);
    const struct slot *slot = slot_of(stripe, reference);
    if (slot->reference != NULL && now < slot->until && strcmp(slot->reference, reference) == 0) {
        found = mstr_secret_retain(slot->secret);
        __atomic_store_n(&stripe->hits, stripe->hits + 1, __ATOMIC_RELAXED);
    }
    pthread_mutex_unlock(&stripe->mutex);
    return found;
}

uint64_t cache_hot_generation(const struct cache_hot *hot)
{
    return __atomic_load_n(&hot->generation, __ATOMIC_ACQUIRE);
}

void cache_hot_put(struct cache_hot *hot, const char *reference, mstr_secret *secret, int64_t fresh_until,
                   uint64_t generation)
{
    struct stripe *stripe = own_stripe(hot);
    char *copy = text_copy(reference);
    mstr_secret *view = secret_from(secret, SECRET_FROM_CACHE);
    int64_t until = clock_monotonic() + SERVES;
    struct slot slot = {copy, view, fresh_until < until ? fresh_until : until};
    pthread_mutex_lock(&stripe->mutex);
    if (copy != NULL && view != NULL && generation == cache_hot_generation(hot)) {
        struct slot *place = slot_of(stripe, reference);
        struct slot before = *place;
        *place = slot;
        slot = before;
    }
    pthread_mutex_unlock(&stripe->mutex);
    clear(&slot);
}

void cache_hot_empty(struct cache_hot *hot)
{
    __atomic_add_fetch(&hot->generation, 1, __ATOMIC_ACQ_REL);
    for (size_t i = 0; i < STRIPES; i++) {
        struct stripe *stripe = &hot->stripes[i];
        pthread_mutex_lock(&stripe->mutex);
        for (size_t j = 0; j < SLOTS; j++) {
            clear(&stripe->slots[j]);
        }
        pthread_mutex_unlock(&stripe->mutex);
    }
}

uint64_t cache_hot_hits(const struct cache_hot *hot)
{
    uint64_t hits = 0;
    for (size_t i = 0; i < STRIPES; i++) {
        hits += __atomic_load_n(&hot->stripes[i].hits, __ATOMIC_RELAXED);
    }
    return hits;
}
