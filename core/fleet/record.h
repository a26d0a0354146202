/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fleet's records as they are kept: sealed with AES-256-GCM (NIST SP 800-38D) under the key of their account and
 * kind, with a random nonce, and bound to where they stand. Sealed text: magic and version, the 4 octets of the seal
 * key, kind, fence, time, nonce; ciphertext; tag. All before the nonce is authenticated along with the account and
 * the name within it: a record that somebody moved to another slot, account or kind does not open. Pure but for the
 * nonce.
 */
#ifndef MSTR_FLEET_RECORD_H
#define MSTR_FLEET_RECORD_H

#include "fleet/keys.h"

#include <mstr/store.h>

enum {
    FLEET_RECORD_EXTRA = 56,                    /* octets that sealing adds */
    FLEET_RECORD_MAX_AGE = 24 * 60 * 60 * 1000, /* ms */
    FLEET_RECORD_NEWEST = 1                     /* version */
};

/* Where a record stands, and when it was written. */
struct fleet_place {
    const struct fleet_scope *scope;
    const char *name; /* in the store, within the group of the scope: the slot */
    enum fleet_kind kind;
    int64_t fence;   /* of the lease under which it is or was written */
    int64_t created; /* the store's time, ms */
};

/* Appends the sealed octets. MSTR_E_MEMORY; MSTR_E_UNEXPECTED for too long ones, or without random octets. */
enum mstr_code fleet_record_seal(const struct fleet_keys *keys, const struct fleet_place *place, const void *octets,
                                 size_t length, struct buffer *out, mstr_error *error);

enum fleet_verdict {
    FLEET_OPENED,
    FLEET_ABSENT,      /* there is nothing */
    FLEET_UNKNOWN_KEY, /* sealed with a key that this worker lacks: a miss, and never overwritten */
    FLEET_NEWER,       /* of a later format: the same */
    FLEET_TAMPERED,    /* damaged, moved, or written by somebody without the key: counted, and overwritten */
    FLEET_REPLAYED,    /* older than one that was seen here: the same */
    FLEET_OLD,         /* past its age: a miss */
    FLEET_NO_MEMORY    /* nothing is known */
};

/* What is to be opened. */
struct fleet_sealed {
    const void *octets;
    size_t length;
    int64_t now;    /* the store's time */
    int64_t seen;   /* the highest fence seen at this place; 0 = none */
    unsigned kinds; /* that may stand there: bits 1 << kind */
};

/* Appends what was sealed at this place, whose kind, fence and time are told (they are set before, whatever the
 * verdict is, as far as they can be read). Nothing is appended unless it is FLEET_OPENED. */
enum fleet_verdict fleet_record_open(const struct fleet_keys *keys, const struct fleet_sealed *sealed,
                                     struct fleet_place *place, struct buffer *out);

#endif
