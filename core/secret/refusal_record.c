/* SPDX-License-Identifier: Apache-2.0 */
/* Refused logins as they are written down. */
#include "secret/refusal_record.h"

#include "base/clock.h"
#include "base/digest.h"

enum { NUMBER = 8, ITEM = REFUSAL_DIGEST + NUMBER * (3 + REFUSAL_TRIES) };

bool refusal_is_past(const struct refusal *refusal, int64_t now)
{
    return refusal->times == 0 || (now - refusal->tries[0] > REFUSAL_PERIOD && now >= refusal->until);
}

int64_t refusal_pause(const struct refusal *refusal, int64_t now)
{
    int64_t oldest = refusal->tries[REFUSAL_TRIES - 1];
    int64_t whole = oldest + REFUSAL_PERIOD;
    int64_t until = oldest != 0 && whole > refusal->until ? whole : refusal->until;
    return refusal->times > 0 && until > now ? until - now : 0;
}

bool refusal_digest(const unsigned char key[REFUSAL_DIGEST], const struct buffer *tried,
                    unsigned char digest[REFUSAL_DIGEST])
{
    digest_keyed(key, REFUSAL_DIGEST, buffer_text(tried), tried->length, digest);
    return !tried->failed;
}

bool refusal_record_begin(struct refusal_record *record)
{
    *record = (struct refusal_record){.count = 0};
    return clock_random(record->key, sizeof(record->key));
}

static void put_number(struct buffer *out, int64_t number)
{
    for (int shift = 56; shift >= 0; shift -= 8) {
        buffer_putc(out, (char)((uint64_t)number >> shift));
    }
}

static int64_t take_number(const unsigned char **at)
{
    uint64_t number = 0;
    for (int i = 0; i < NUMBER; i++) {
        number = number << 8 | *(*at)++;
    }
    return (int64_t)number;
}

/* A time of the wall clock, none later than `latest`, as one of the monotonic clock, which is `behind` it. */
static int64_t take_time(const unsigned char **at, int64_t behind, int64_t latest)
{
    int64_t time = take_number(at);
    bool sane = time > 0 && time - behind < latest;
    return time == 0 ? 0 : sane ? time - behind : latest;
}

static void take_refusal(const unsigned char **at, int64_t wall, struct refusal *refusal)
{
    int64_t now = clock_monotonic();
    int64_t behind = wall - now;
    int64_t times = take_number(at);
    refusal->times = times > 0 && times < 1000 ? (unsigned)times : 1;
    for (size_t i = 0; i < REFUSAL_TRIES; i++) {
        refusal->tries[i] = take_time(at, behind, now);
    }
    refusal->until = take_time(at, behind, now + REFUSAL_PAUSE_MAX);
    refusal->at = take_time(at, behind, now);
}

bool refusal_record_read(struct refusal_record *record, const void *octets, size_t length, int64_t wall)
{
    const unsigned char *at = octets;
    size_t count = length >= REFUSAL_DIGEST ? (length - REFUSAL_DIGEST) / ITEM : 0;
    if (length != REFUSAL_DIGEST + count * ITEM || count > REFUSAL_RECORDS) {
        return false;
    }
    *record = (struct refusal_record){.count = count};
    memcpy(record->key, at, REFUSAL_DIGEST);
    at += REFUSAL_DIGEST;
    for (size_t i = 0; i < count; i++) {
        memcpy(record->items[i].digest, at, REFUSAL_DIGEST);
        at += REFUSAL_DIGEST;
        take_refusal(&at, wall, &record->items[i].refusal);
    }
    return true;
}

bool refusal_record_put(const struct refusal_record *record, int64_t wall, struct buffer *out)
{
    int64_t behind = wall - clock_monotonic();
    buffer_append(out, record->key, REFUSAL_DIGEST);
    for (size_t i = 0; i < record->count; i++) {
        const struct refusal *refusal = &record->items[i].refusal;
        buffer_append(out, record->items[i].digest, REFUSAL_DIGEST);
        put_number(out, refusal->times);
        for (size_t k = 0; k < REFUSAL_TRIES; k++) {
            put_number(out, refusal->tries[k] != 0 ? refusal->tries[k] + behind : 0);
        }
        put_number(out, refusal->until + behind);
        put_number(out, refusal->at + behind);
    }
    return !out->failed;
}

int64_t refusal_record_pause(const struct refusal_record *record)
{
    int64_t now = clock_monotonic();
    int64_t latest[REFUSAL_ACCOUNT_TRIES] = {0}; /* the latest first */
    for (size_t i = 0; i < record->count * REFUSAL_TRIES; i++) {
        int64_t at = record->items[i / REFUSAL_TRIES].refusal.tries[i % REFUSAL_TRIES];
        for (size_t k = 0; k < REFUSAL_ACCOUNT_TRIES; k++) {
            if (at > latest[k]) {
                int64_t later = at;
                at = latest[k];
                latest[k] = later;
            }
        }
    }
    int64_t oldest = latest[REFUSAL_ACCOUNT_TRIES - 1];
    int64_t left = oldest + REFUSAL_ACCOUNT_PERIOD - now;
    return oldest != 0 && left > 0 ? left : 0;
}

/* Its place, or `count`. */
static size_t place_of(const struct refusal_record *record, const unsigned char digest[REFUSAL_DIGEST])
{
    size_t i = 0;
    while (i < record->count && !digest_equal(record->items[i].digest, digest)) {
        i++;
    }
    return i;
}

const struct refusal *refusal_record_find(const struct refusal_record *record,
                                          const unsigned char digest[REFUSAL_DIGEST])
{
    size_t place = place_of(record, digest);
    return place < record->count ? &record->items[place].refusal : NULL;
}

static void strike_out(struct refusal_record *record, size_t place)
{
    record->items[place] = record->items[--record->count];
    record->changed = true;
}

void refusal_record_set(struct refusal_record *record, const unsigned char digest[REFUSAL_DIGEST],
                        const struct refusal *refusal)
{
    size_t place = place_of(record, digest);
    if (refusal->times == 0) {
        if (place < record->count) {
            strike_out(record, place);
        }
        return;
    }
    if (place == REFUSAL_RECORDS) {
        place = 0;
        for (size_t i = 1; i < REFUSAL_RECORDS; i++) {
            place = record->items[i].refusal.at < record->items[place].refusal.at ? i : place;
        }
    }
    record->count += place == record->count;
    memcpy(record->items[place].digest, digest, REFUSAL_DIGEST);
    record->items[place].refusal = *refusal;
    record->changed = true;
}
