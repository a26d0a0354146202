/* SPDX-License-Identifier: Apache-2.0 */
/* The memory of refused logins. */
#include "secret/refusals.h"

#include "base/clock.h"
#include "base/condition.h"
#include "base/digest.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { DIGEST = REFUSAL_DIGEST, PLACES = 256, NOWHERE = PLACES, TRIES = REFUSAL_TRIES };
enum { /* ms */
       PAUSE = 30 * 1000,
       OPEN = 30 * 1000, /* for all, after one that was not refused */
       LOOK = 5 * 1000,  /* from one look for a better value to the next */
};

struct entry {
    unsigned char digest[DIGEST];
    unsigned senders; /* whose outcome is not known yet */
    struct refusal refusal;
    int64_t open; /* many may send until then */
    int64_t looked;
    int64_t used; /* 0 = this place is free */
};

struct refusals {
    atomic_uint owners;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    unsigned char key[DIGEST];
    struct entry entries[PLACES];
};

struct refusals *refusals_new(void)
{
    struct refusals *refusals = calloc(1, sizeof(*refusals));
    if (refusals == NULL || !clock_random(refusals->key, sizeof(refusals->key)) ||
        !condition_init(&refusals->changed)) {
        free(refusals);
        return NULL;
    }
    pthread_mutex_init(&refusals->mutex, NULL);
    refusals->owners = 1;
    return refusals;
}

struct refusals *refusals_share(struct refusals *refusals)
{
    atomic_fetch_add(&refusals->owners, 1);
    return refusals;
}

void refusals_free(struct refusals *refusals)
{
    if (refusals != NULL && atomic_fetch_sub(&refusals->owners, 1) == 1) {
        pthread_cond_destroy(&refusals->changed);
        pthread_mutex_destroy(&refusals->mutex);
        explicit_bzero(refusals, sizeof(*refusals));
        free(refusals);
    }
}

/* Whether `a` is missed less than `b`: one that was not refused, or the one that was not used for longer. */
static bool is_lesser(const struct entry *a, const struct entry *b)
{
    bool differs = (a->refusal.times > 0) != (b->refusal.times > 0);
    return differs ? a->refusal.times == 0 : a->used < b->used;
}

/* Its place, or one that can be spared; NOWHERE while all are in use. */
static size_t find(const struct refusals *refusals, const unsigned char digest[DIGEST])
{
    size_t spared = NOWHERE;
    for (size_t i = 0; i < PLACES; i++) {
        const struct entry *entry = &refusals->entries[i];
        if (entry->used != 0 && digest_equal(entry->digest, digest)) {
            return i;
        }
        if (entry->senders == 0 && (spared == NOWHERE || is_lesser(entry, &refusals->entries[spared]))) {
            spared = i;
        }
    }
    return spared;
}

/* The entry at that place, made one of this digest. */
static struct entry *take(struct refusals *refusals, size_t place, const unsigned char digest[DIGEST], int64_t now)
{
    struct entry *entry = &refusals->entries[place];
    if (entry->used == 0 || !digest_equal(entry->digest, digest)) {
        *entry = (struct entry){.senders = 0};
        memcpy(entry->digest, digest, DIGEST);
    }
    if (refusal_is_past(&entry->refusal, now)) {
        entry->refusal.times = 0;
    }
    entry->used = now;
    return entry;
}

/* What another process was refused meanwhile counts as one's own. */
static void learn(struct refusal *own, const struct trial *trial, int64_t now)
{
    const struct refusal *other = trial->record != NULL ? refusal_record_find(trial->record, trial->digest) : NULL;
    if (other != NULL && !refusal_is_past(other, now) && (own->times == 0 || other->at > own->at)) {
        *own = *other;
    }
}

/* Lets the caller send, once there is nobody else at it or all may. The caller holds the mutex. */
static enum mstr_code enter(struct refusals *refusals, const unsigned char digest[DIGEST],
                            const struct limits *limits, struct trial *trial)
{
    for (;;) {
        int64_t now = clock_monotonic();
        trial->place = find(refusals, digest);
        trial->began = now;
        if (trial->place == NOWHERE) {
            return MSTR_OK;
        }
        struct entry *entry = take(refusals, trial->place, digest, now);
        learn(&entry->refusal, trial, now);
        if ((trial->wait = refusal_pause(&entry->refusal, now)) > 0) {
            trial->look_again = now - entry->looked >= LOOK;
            entry->looked = trial->look_again ? now : entry->looked;
            return MSTR_E_AUTHENTICATION;
        }
        if (entry->senders == 0 || now < entry->open) {
            entry->senders++;
            return MSTR_OK;
        }
        enum mstr_code code = limits_wait(&refusals->changed, &refusals->mutex, limits);
        if (code != MSTR_OK) {
            return code;
        }
    }
}

enum mstr_code refusals_enter(struct refusals *refusals, struct refusal_record *record, const struct buffer *tried,
                              const struct limits *limits, struct trial *trial)
{
    unsigned char digest[DIGEST];
    *trial = (struct trial){.place = NOWHERE, .record = record};
    if (!refusal_digest(refusals->key, tried, digest) ||
        (record != NULL && !refusal_digest(record->key, tried, trial->digest))) {
        return MSTR_E_MEMORY;
    }
    pthread_mutex_lock(&refusals->mutex);
    enum mstr_code code = enter(refusals, digest, limits, trial);
    pthread_mutex_unlock(&refusals->mutex);
    return code;
}

/* Counts a refusal. Those of one wave, which were sent before the first of them came back, are no reason to wait
 * twice as long. */
static void note_refusal(struct refusal *refusal, const struct trial *trial, int64_t now)
{
    bool same_wave = refusal->times > 0 && trial->began <= refusal->at;
    refusal->times += same_wave ? 0 : 1;
    int64_t pause = PAUSE;
    for (unsigned i = 1; i < refusal->times && pause < REFUSAL_PAUSE_MAX; i++) {
        pause *= 2;
    }
    memmove(&refusal->tries[1], &refusal->tries[0], (TRIES - 1) * sizeof(*refusal->tries));
    refusal->tries[0] = trial->began;
    refusal->until = now + (pause < REFUSAL_PAUSE_MAX ? pause : REFUSAL_PAUSE_MAX);
    refusal->at = now;
}

void refusals_leave(struct refusals *refusals, const struct trial *trial, enum mstr_code outcome)
{
    if (trial->place == NOWHERE) {
        return;
    }
    pthread_mutex_lock(&refusals->mutex);
    struct entry *entry = &refusals->entries[trial->place];
    int64_t now = clock_monotonic();
    entry->senders--;
    if (outcome == MSTR_E_AUTHENTICATION) {
        note_refusal(&entry->refusal, trial, now);
        entry->open = 0;
        entry->looked = now; /* whoever was refused looks for a better value by himself */
    } else if (outcome == MSTR_OK) {
        entry->refusal = (struct refusal){.times = 0};
    }
    if (entry->refusal.times == 0) {
        entry->open = now + OPEN;
    }
    if (trial->record != NULL) {
        refusal_record_set(trial->record, trial->digest, &entry->refusal);
    }
    pthread_cond_broadcast(&refusals->changed);
    pthread_mutex_unlock(&refusals->mutex);
}
