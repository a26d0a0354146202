/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is written down of refused logins, so that processes which share something know of each other's: what was
 * tried, by its HMAC-SHA-256 under a random key of the record's own, how often it was refused, and when. Whoever
 * reads it could try his guesses on it: it is only ever stored sealed.
 *
 * Within a process times are those of its monotonic clock, in the octets those of a wall clock; one that was set
 * back meanwhile does not make a pause longer than it was meant to be. Not thread-safe; owns no memory.
 */
#ifndef MSTR_SECRET_REFUSAL_RECORD_H
#define MSTR_SECRET_REFUSAL_RECORD_H

#include "base/buffer.h"

#include <stdint.h>

enum { REFUSAL_DIGEST = 32, REFUSAL_TRIES = 3, REFUSAL_ACCOUNT_TRIES = 6, REFUSAL_RECORDS = 16 };
enum { /* ms */
       REFUSAL_PAUSE_MAX = 10 * 60 * 1000,
       REFUSAL_PERIOD = 30 * 60 * 1000,       /* in which there are no more than REFUSAL_TRIES */
       REFUSAL_ACCOUNT_PERIOD = 5 * 60 * 1000 /* and in this no more than REFUSAL_ACCOUNT_TRIES of an account */
};

struct refusal {
    unsigned times;               /* refused in a row, those side by side counted once; 0 = never */
    int64_t tries[REFUSAL_TRIES]; /* when refused ones began, the latest first; 0 = none */
    int64_t until;                /* it is not sent again */
    int64_t at;                   /* the latest refusal */
};

/* Whether it has no say any more in what is sent. */
bool refusal_is_past(const struct refusal *refusal, int64_t now);
/* ms in which what was refused is not to be sent. */
int64_t refusal_pause(const struct refusal *refusal, int64_t now);
/* HMAC-SHA-256 of what is tried; false without memory. */
bool refusal_digest(const unsigned char key[REFUSAL_DIGEST], const struct buffer *tried,
                    unsigned char digest[REFUSAL_DIGEST]);

struct refusal_record {
    unsigned char key[REFUSAL_DIGEST];
    struct {
        unsigned char digest[REFUSAL_DIGEST];
        struct refusal refusal;
    } items[REFUSAL_RECORDS];
    size_t count;
    bool changed; /* since it was begun or read */
};

/* An empty one; false without random octets. */
bool refusal_record_begin(struct refusal_record *record);
/* In place of what it has; false for octets that are no record, which leave it as it is. `wall` is the time now, ms,
 * of the clock whose times the octets bear. */
bool refusal_record_read(struct refusal_record *record, const void *octets, size_t length, int64_t wall);
bool refusal_record_put(const struct refusal_record *record, int64_t wall, struct buffer *out);
/* ms in which nothing at all is to be sent, where the record is of one account: so many were refused, of whatever
 * values, that it may be near its lock. */
int64_t refusal_record_pause(const struct refusal_record *record);
/* NULL where there is none. */
const struct refusal *refusal_record_find(const struct refusal_record *record,
                                          const unsigned char digest[REFUSAL_DIGEST]);
/* Notes it, in place of the oldest where the record is full; one of no times is struck out. */
void refusal_record_set(struct refusal_record *record, const unsigned char digest[REFUSAL_DIGEST],
                        const struct refusal *refusal);

#endif
