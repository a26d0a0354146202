/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What follows from a fleet's seal keys: a key for the records of each account and kind, the names under which they
 * are kept, and digests of what must not be told. Whoever holds a seal key can use the fleet's sessions.
 *
 * HKDF-SHA-256 (RFC 5869) throughout, with the salt "mstr-fleet-v1"; what goes in is preceded by its length, so that
 * no two accounts come to the same octets. Names and digests are derived from one of both keys, the same one
 * whichever of them is the current: they stay while keys are swapped. Read only once made; all of it is wiped.
 */
#ifndef MSTR_FLEET_KEYS_H
#define MSTR_FLEET_KEYS_H

#include "base/buffer.h"
#include "base/error.h"

#include <mstr/secret.h>
#include <stdint.h>

enum { FLEET_KEY = 32, FLEET_CHECK = 4, FLEET_DIGEST = 32, FLEET_GROUP = 33 /* with its NUL */ };

/* What a record is; each has keys of its own. */
enum fleet_kind { FLEET_SESSION = 1, FLEET_REFUSALS = 2, FLEET_LIMIT = 3, FLEET_SECRET = 4, FLEET_DRAINED = 5 };

/* Whose records they are. */
struct fleet_scope {
    const char *origin; /* of a server; of secrets, the instance and endpoint that they come from */
    const char *user;   /* as it logs in; of API keys, their digest; of secrets, the identity that read them */
    int mode;           /* of login */
    int type;           /* of application */
};

struct fleet_keys;

/* `current` seals and opens, `old`, which may be NULL, opens only; both are texts of exactly 32 octets in base64 or
 * hex, else MSTR_E_CONFIG: a pass phrase is none. `space` keeps fleets apart that share a key; NULL = "". */
enum mstr_code fleet_keys_new(const mstr_secret *current, const mstr_secret *old, const char *space,
                              struct fleet_keys **out, mstr_error *error);
/* Wipes and frees; NULL is accepted. */
void fleet_keys_free(struct fleet_keys *keys);

/* Which key bears these 4 octets: 0 the current, 1 the old, -1 none. */
int fleet_keys_find(const struct fleet_keys *keys, const unsigned char check[FLEET_CHECK]);
const unsigned char *fleet_keys_check(const struct fleet_keys *keys, int which);
/* The key of records; to be wiped by the caller. False without memory, as all that follow. */
bool fleet_keys_derive(const struct fleet_keys *keys, int which, const struct fleet_scope *scope,
                       enum fleet_kind kind, unsigned char key[FLEET_KEY]);
/* The group of all keys of one account in the store, 32 hex digits, which tell neither user nor host. */
bool fleet_keys_group(const struct fleet_keys *keys, const struct fleet_scope *scope, char group[FLEET_GROUP]);
/* HMAC-SHA-256 of octets under the naming key, apart for each label: of an API key, of a login that was tried. */
bool fleet_keys_digest(const struct fleet_keys *keys, const char *label, const void *octets, size_t length,
                       unsigned char digest[FLEET_DIGEST]);
/* Appends what tells the account apart from all others, for use as associated data. */
bool fleet_keys_put_scope(const struct fleet_keys *keys, const struct fleet_scope *scope, struct buffer *out);

#endif
