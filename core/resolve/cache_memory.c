/* SPDX-License-Identifier: Apache-2.0 */
/* The secrets that a context holds, and who is fetching which. */
#include "resolve/cache_memory.h"

#include "base/clock.h"
#include "base/flight.h"
#include "resolve/cache_entries.h"
#include "secret/secret.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { JITTER_PERCENT = 10, RETRY_FIRST = 1000, RETRY_LONGEST = 60 * 1000 };

const struct cache_settings cache_defaults = {5 * 60 * 1000, 60 * 60 * 1000, 5 * 1000, 1000};

/* One fetch: shared by the fetcher and all who wait for it, so that its outcome reaches them whatever happens to the
 * entry meanwhile. */
struct shared_fetch {
    struct flight flight; /* its only one */
    unsigned holders;
    struct cache_entry *entry; /* NULL once invalidated: tell the waiters, keep nothing */
    mstr_secret *secret;
    mstr_error *error;
};

struct cache_memory {
    struct cache cache; /* first */
    struct cache_settings settings;
    struct cache_hot *hot;
    pthread_mutex_t mutex;
    struct cache_entries entries;
    mstr_context_stats stats;
};

/* Takes the value out of the entry and out of the hot copies. */
static void give_up(struct cache_memory *memory, struct cache_entry *entry)
{
    if (entry->secret != NULL) {
        memory->stats.entries--;
        mstr_secret_release(entry->secret);
        entry->secret = NULL;
        cache_hot_empty(memory->hot);
    }
}

static void drop(struct cache_memory *memory, struct cache_entry *entry)
{
    if (entry->fetch != NULL) {
        entry->fetch->entry = NULL;
    }
    give_up(memory, entry);
    cache_entries_drop(&memory->entries, entry);
}

static struct shared_fetch *begin_fetch(struct cache_memory *memory, struct cache_entry *entry)
{
    struct shared_fetch *fetch = calloc(1, sizeof(*fetch));
    if (fetch == NULL || !flight_init(&fetch->flight)) {
        free(fetch);
        return NULL;
    }
    flight_begin(&fetch->flight);
    fetch->holders = 1;
    fetch->entry = entry;
    entry->fetch = fetch;
    cache_entries_touch(&memory->entries, entry);
    return fetch;
}

static void leave_fetch(struct shared_fetch *fetch)
{
    if (--fetch->holders == 0) {
        mstr_secret_release(fetch->secret);
        mstr_error_free(fetch->error);
        flight_destroy(&fetch->flight);
        free(fetch);
    }
}

static struct cache_memory *memory_of(struct cache *cache)
{
    return (struct cache_memory *)(void *)cache;
}

/* Whether the old value may still serve, at the time `now`: never past the store's own end of validity. */
static bool may_serve_stale(const struct cache_memory *memory, const struct cache_entry *entry, int64_t now)
{
    int64_t expires = mstr_secret_expires(entry->secret);
    return !entry->fresh_only && now - entry->fresh_until < memory->settings.stale_if_error &&
           (expires == 0 || clock_now() < expires);
}

static void refuse(struct cache_claim *claim, enum mstr_code code, const mstr_error *told, mstr_error *error)
{
    claim->answer = CACHE_FAILED;
    claim->code = code;
    if (told != NULL) {
        error_copy(error, told);
    } else {
        error_set(error, code, "%s", mstr_code_text(code));
    }
}

static void give(struct cache_claim *claim, mstr_secret *secret, enum secret_source source, mstr_error *error)
{
    claim->secret = secret_from(secret, source);
    claim->answer = CACHE_VALUE;
    claim->code = MSTR_OK;
    if (claim->secret == NULL) {
        refuse(claim, MSTR_E_MEMORY, NULL, error);
    }
}

/* An answer from what the entry holds; false if somebody has to fetch. */
static bool answer_from(struct cache_memory *memory, struct cache_entry *entry, struct cache_claim *claim,
                        mstr_error *error)
{
    int64_t now = clock_monotonic();
    if (entry->secret != NULL && now < entry->fresh_until) {
        memory->stats.hits++;
        give(claim, entry->secret, SECRET_FROM_CACHE, error);
        claim->fresh_until = entry->fresh_until;
        return true;
    }
    if (entry->secret != NULL && may_serve_stale(memory, entry, now) &&
        (entry->fetch != NULL || now < entry->retry_at)) {
        memory->stats.stale_hits++;
        give(claim, entry->secret, now < entry->retry_at ? SECRET_STALE : SECRET_FROM_CACHE, error);
        return true;
    }
    if (entry->missing != NULL && now < entry->missing_until) {
        memory->stats.hits++;
        refuse(claim, MSTR_E_NOT_FOUND, entry->missing, error);
        return true;
    }
    return false;
}

static void claim_key(struct cache *cache, const char *key, bool refresh, struct cache_claim *claim,
                      mstr_error *error)
{
    struct cache_memory *memory = memory_of(cache);
    *claim = (struct cache_claim){CACHE_FAILED, MSTR_E_MEMORY, NULL, 0, NULL};
    pthread_mutex_lock(&memory->mutex);
    struct cache_entry *entry = cache_entries_add(&memory->entries, key);
    if (entry == NULL) {
        error_set(error, MSTR_E_MEMORY, "out of memory");
    } else if (refresh || !answer_from(memory, entry, claim, error)) {
        memory->stats.misses++;
        if (entry->fetch != NULL) {
            entry->fetch->holders++;
            claim->fetch = entry->fetch;
            claim->answer = CACHE_WAIT;
        } else if ((claim->fetch = begin_fetch(memory, entry)) != NULL) {
            memory->stats.fetches++;
            claim->answer = CACHE_FETCH;
        } else {
            error_set(error, MSTR_E_MEMORY, "out of memory");
        }
    }
    pthread_mutex_unlock(&memory->mutex);
}

/* Turns a fetch that has ended into the answer of one who holds it. */
static void answer_of(const struct shared_fetch *fetch, struct cache_claim *claim, mstr_error *error)
{
    if (fetch->secret != NULL) {
        give(claim, fetch->secret,
             strcmp(mstr_secret_source(fetch->secret), "stale") == 0 ? SECRET_STALE : SECRET_FROM_STORE, error);
    } else {
        refuse(claim, fetch->flight.outcome, fetch->error, error);
    }
}

static void await(struct cache *cache, struct cache_claim *claim, const struct limits *limits, mstr_error *error)
{
    struct cache_memory *memory = memory_of(cache);
    struct shared_fetch *fetch = claim->fetch;
    enum mstr_code code = MSTR_OK;
    pthread_mutex_lock(&memory->mutex);
    while (fetch->flight.busy && code == MSTR_OK) {
        code = limits_wait(&fetch->flight.landed, &memory->mutex, limits);
    }
    if (fetch->flight.busy) {
        refuse(claim, code, NULL, error);
        error_set(error, code, "%s while another thread was fetching this secret", mstr_code_text(code));
    } else if (fetch->flight.gave_up && limits_check(limits) == MSTR_OK) {
        claim->answer = CACHE_AGAIN; /* whoever has run out of time as well shares the outcome */
    } else {
        answer_of(fetch, claim, error);
    }
    leave_fetch(fetch);
    claim->fetch = NULL;
    pthread_mutex_unlock(&memory->mutex);
}

/* The time to live with its jitter, cut to the store's own expiry and to what the fetcher allows. */
static int64_t lifetime(const struct cache_memory *memory, const struct cache_result *result)
{
    int64_t span = memory->settings.ttl * JITTER_PERCENT / 100;
    int64_t ttl = memory->settings.ttl - span + (int64_t)clock_random_below((uint64_t)(2 * span) + 1);
    int64_t expires = mstr_secret_expires(result->secret);
    int64_t left = expires != 0 ? expires - clock_now() : ttl;
    left = result->fresh_for != 0 && result->fresh_for < left ? result->fresh_for : left;
    return left < ttl ? left : ttl;
}

static void keep_value(struct cache_memory *memory, struct cache_entry *entry, const struct cache_result *result)
{
    int64_t ttl = result->keep ? lifetime(memory, result) : 0;
    give_up(memory, entry);
    entry->secret = ttl > 0 ? mstr_secret_retain(result->secret) : NULL;
    memory->stats.entries += entry->secret != NULL;
    entry->fresh_only = result->fresh_only;
    entry->fresh_until = clock_monotonic() + ttl;
    entry->retry_at = 0;
    entry->retry_delay = 0;
    mstr_error_free(entry->missing);
    entry->missing = NULL;
}

/* A failure that passes, or is this process's own, leaves the old value in service; the next attempt waits longer
 * each time, with jitter. Any other failure ends it: what was deleted or forbidden must not live on here. */
static void keep_failure(struct cache_memory *memory, struct cache_entry *entry, const struct cache_result *result)
{
    int64_t now = clock_monotonic();
    if (mstr_code_is_passing(result->code) || result->code == MSTR_E_MEMORY || result->gave_up) {
        int64_t delay = entry->retry_delay == 0 ? RETRY_FIRST : entry->retry_delay * 2;
        entry->retry_delay = delay < RETRY_LONGEST ? delay : RETRY_LONGEST;
        entry->retry_at =
            now + entry->retry_delay / 2 + (int64_t)clock_random_below((uint64_t)entry->retry_delay / 2 + 1);
        return;
    }
    give_up(memory, entry);
    if (result->code == MSTR_E_NOT_FOUND && memory->settings.negative_ttl > 0) {
        if (entry->missing == NULL) {
            entry->missing = mstr_error_new();
        }
        error_copy(entry->missing, result->error);
        entry->missing_until = now + memory->settings.negative_ttl;
    }
}

static void evict(struct cache_memory *memory)
{
    for (struct cache_entry *entry;
         (entry = cache_entries_excess(&memory->entries, memory->settings.max_entries)) != NULL;) {
        drop(memory, entry);
    }
}

/* Puts the outcome into the entry; the value that all get who hold the fetch. */
static mstr_secret *settle(struct cache_memory *memory, struct cache_entry *entry, const struct cache_result *result)
{
    if (result->secret != NULL) {
        keep_value(memory, entry, result);
        return mstr_secret_retain(result->secret);
    }
    memory->stats.failures++;
    keep_failure(memory, entry, result);
    if (entry->secret != NULL && may_serve_stale(memory, entry, clock_monotonic())) {
        memory->stats.stale_hits++;
        return secret_from(entry->secret, SECRET_STALE);
    }
    return NULL;
}

static void publish(struct cache *cache, struct cache_claim *claim, const struct cache_result *result,
                    mstr_error *error)
{
    struct cache_memory *memory = memory_of(cache);
    struct shared_fetch *fetch = claim->fetch;
    pthread_mutex_lock(&memory->mutex);
    struct cache_entry *entry = fetch->entry;
    if (entry != NULL) {
        fetch->secret = settle(memory, entry, result);
        entry->fetch = NULL;
        cache_entries_touch(&memory->entries, entry);
        if (entry->secret == NULL && entry->missing == NULL) {
            drop(memory, entry);
        }
        evict(memory);
    } else {
        fetch->secret = mstr_secret_retain(result->secret);
    }
    if (fetch->secret == NULL) {
        fetch->error = mstr_error_new();
        error_copy(fetch->error, result->error);
    }
    flight_land(&fetch->flight, result->code, result->gave_up && fetch->secret == NULL);
    answer_of(fetch, claim, error);
    leave_fetch(fetch);
    claim->fetch = NULL;
    pthread_mutex_unlock(&memory->mutex);
}

static void invalidate(struct cache *cache, const char *key)
{
    struct cache_memory *memory = memory_of(cache);
    pthread_mutex_lock(&memory->mutex);
    struct cache_entry *entry =
        key != NULL ? cache_entries_find(&memory->entries, key) : cache_entries_next(&memory->entries, NULL);
    while (entry != NULL) {
        struct cache_entry *next = key == NULL ? cache_entries_next(&memory->entries, entry) : NULL;
        drop(memory, entry);
        entry = next;
    }
    pthread_mutex_unlock(&memory->mutex);
}

bool cache_memory_peek(struct cache *cache, const char *key, struct cache_claim *claim, mstr_error *error)
{
    struct cache_memory *memory = memory_of(cache);
    pthread_mutex_lock(&memory->mutex);
    struct cache_entry *entry = cache_entries_find(&memory->entries, key);
    bool answered = entry != NULL && answer_from(memory, entry, claim, error);
    if (answered) {
        cache_entries_touch(&memory->entries, entry);
    }
    pthread_mutex_unlock(&memory->mutex);
    return answered;
}

int64_t cache_memory_fresh_until(struct cache *cache, const char *key)
{
    struct cache_memory *memory = memory_of(cache);
    pthread_mutex_lock(&memory->mutex);
    const struct cache_entry *entry = cache_entries_find(&memory->entries, key);
    int64_t until = entry != NULL && entry->secret != NULL ? entry->fresh_until : 0;
    pthread_mutex_unlock(&memory->mutex);
    return until;
}

void cache_memory_forget(struct cache *cache, bool (*wanted)(const char *key, void *data), void *data)
{
    struct cache_memory *memory = memory_of(cache);
    pthread_mutex_lock(&memory->mutex);
    for (struct cache_entry *entry = cache_entries_next(&memory->entries, NULL); entry != NULL;) {
        struct cache_entry *next = cache_entries_next(&memory->entries, entry);
        if (wanted(entry->key, data)) {
            drop(memory, entry);
        }
        entry = next;
    }
    pthread_mutex_unlock(&memory->mutex);
}

/* Both locks are held. Without memory the value is fetched again. */
static void take_over(struct cache_memory *to, const struct cache_entry *old, int64_t now)
{
    int64_t most = now + to->settings.ttl;
    bool known = cache_entries_find(&to->entries, old->key) != NULL;
    struct cache_entry *entry = known ? NULL : cache_entries_add(&to->entries, old->key);
    if (entry != NULL) {
        entry->secret = mstr_secret_retain(old->secret);
        entry->fresh_until = old->fresh_until < most ? old->fresh_until : most;
        entry->fresh_only = old->fresh_only;
        to->stats.entries++;
        cache_entries_touch(&to->entries, entry);
        evict(to);
    }
}

void cache_memory_inherit(struct cache *to, struct cache *from, bool (*wanted)(const char *key, void *data),
                          void *data)
{
    struct cache_memory *heir = memory_of(to);
    struct cache_memory *old = memory_of(from);
    int64_t now = clock_monotonic();
    pthread_mutex_lock(&old->mutex);
    pthread_mutex_lock(&heir->mutex);
    const struct cache_entry *entry = heir->settings.ttl > 0 ? cache_entries_next(&old->entries, NULL) : NULL;
    for (; entry != NULL; entry = cache_entries_next(&old->entries, entry)) {
        if (entry->secret != NULL && (now < entry->fresh_until || may_serve_stale(heir, entry, now)) &&
            wanted(entry->key, data)) {
            take_over(heir, entry, now);
        }
    }
    pthread_mutex_unlock(&heir->mutex);
    pthread_mutex_unlock(&old->mutex);
}

struct cache *cache_memory_new(const struct cache_settings *settings, struct cache_hot *hot)
{
    static const struct cache_operations operations = {claim_key, await, publish, invalidate};
    struct cache_memory *memory = calloc(1, sizeof(*memory));
    if (memory == NULL || pthread_mutex_init(&memory->mutex, NULL) != 0) {
        free(memory);
        return NULL;
    }
    memory->cache.operations = &operations;
    memory->settings = *settings;
    memory->hot = hot;
    return &memory->cache;
}

void cache_memory_free(struct cache *cache)
{
    if (cache != NULL) {
        struct cache_memory *memory = memory_of(cache);
        invalidate(cache, NULL);
        pthread_mutex_destroy(&memory->mutex);
        free(memory);
    }
}

void cache_memory_stats(struct cache *cache, mstr_context_stats *stats)
{
    struct cache_memory *memory = memory_of(cache);
    uint32_t size = stats->size;
    pthread_mutex_lock(&memory->mutex);
    mstr_context_stats now = memory->stats;
    now.hits += cache_hot_hits(memory->hot);
    pthread_mutex_unlock(&memory->mutex);
    memcpy(stats, &now, size < sizeof(now) ? size : sizeof(now));
    stats->size = size;
}
