/* SPDX-License-Identifier: Apache-2.0 */
/* The store as shared secrets use it. */
#include "fleet/shelf.h"

#include "base/base64.h"
#include "base/clock.h"
#include "fleet/shared_value.h"

#include <stdlib.h>
#include <string.h>

enum { CALL = 500 /* ms */, DRAWN = 16, NAME_OCTETS = 16 };

static const struct fleet_scope everybody = {.origin = "secrets", .user = ""};

static struct limits within(const struct limits *limits)
{
    struct limits call = *limits;
    int64_t most = clock_monotonic() + CALL;
    call.deadline = call.deadline < most ? call.deadline : most;
    return call;
}

/* 32 hex digits of a digest. False without memory. */
static bool digest_of(const struct fleet_keys *keys, const char *key, char *name)
{
    unsigned char digest[FLEET_DIGEST];
    struct buffer hex = BUFFER_INIT;
    bool good = fleet_keys_digest(keys, "secret", key, strlen(key), digest) && hex_encode(&hex, digest, NAME_OCTETS);
    if (good) {
        memcpy(name, buffer_text(&hex), 2 * NAME_OCTETS + 1);
    }
    buffer_release(&hex);
    return good;
}

bool shelf_place_init(struct shelf_place *place, const struct shelf *shelf, const char *origin, const char *identity,
                      const char *key)
{
    *place = (struct shelf_place){.scope = {.origin = origin, .user = identity}};
    memcpy(place->name, "x:", 2);
    return fleet_keys_group(shelf->keys, &place->scope, place->group) && digest_of(shelf->keys, key, place->name + 2);
}

static struct mstr_store_key key_of(const struct shelf_place *place)
{
    return (struct mstr_store_key){place->group, place->name};
}

/* Not past its end, by whoever's clock. */
static bool take_value(const struct buffer *opened, const struct shelf_place *place, int64_t now,
                       mstr_secret **secret, int64_t *left)
{
    int64_t until = 0;
    mstr_secret *value = shared_value_unpack(buffer_text(opened), opened->length, place->scope.user, &until);
    int64_t expires = value != NULL ? mstr_secret_expires(value) : 0;
    if (value == NULL || until <= now || (expires != 0 && expires <= clock_now())) {
        mstr_secret_release(value);
        return false;
    }
    *left = until - now < *left ? until - now : *left;
    *secret = value;
    return true;
}

static enum shelf_outcome open_record(const struct shelf *shelf, struct shelf_place *place,
                                      const struct mstr_store_get *get, mstr_secret **secret, int64_t *left,
                                      mstr_error *error)
{
    const struct fleet_sealed sealed = {.octets = get->octets,
                                        .length = get->length,
                                        .now = get->now,
                                        .seen = place->seen,
                                        .kinds = 1u << FLEET_SECRET};
    struct fleet_place stands = {
        .scope = &place->scope, .name = place->name, .kind = FLEET_SECRET, .fence = get->fence};
    struct buffer opened = BUFFER_INIT;
    enum shelf_outcome outcome = SHELF_NONE;
    switch (fleet_record_open(shelf->keys, &sealed, &stands, &opened)) {
    case FLEET_OPENED:
        place->seen = stands.fence;
        place->written -= get->now - stands.created;
        outcome = take_value(&opened, place, get->now, secret, left) ? SHELF_VALUE : SHELF_NONE;
        break;
    case FLEET_UNKNOWN_KEY:
    case FLEET_NEWER:
        outcome = SHELF_STRANGE;
        break;
    case FLEET_TAMPERED:
        outcome = SHELF_FORGED;
        break;
    case FLEET_NO_MEMORY:
        error_set(error, MSTR_E_MEMORY, "out of memory");
        outcome = SHELF_FAILED;
        break;
    default: /* too old, or replayed, as by a store that failed over and lost the latest */
        break;
    }
    buffer_release(&opened);
    return outcome;
}

enum shelf_outcome shelf_read(const struct shelf *shelf, struct shelf_place *place, const struct limits *limits,
                              mstr_secret **secret, int64_t *left, mstr_error *error)
{
    const struct limits call = within(limits);
    struct mstr_store_get get = {.key = key_of(place), .octets = malloc(MSTR_STORE_RECORD_MAX)};
    enum shelf_outcome outcome = SHELF_NONE;
    place->written = clock_monotonic();
    *secret = NULL;
    if (get.octets == NULL) {
        error_set(error, MSTR_E_MEMORY, "out of memory");
        return SHELF_FAILED;
    }
    if (store_instance_get(shelf->store, &get, &call, error) != MSTR_OK) {
        outcome = SHELF_FAILED;
    } else {
        place->fence = get.outcome == MSTR_STORE_DONE ? get.fence : 0;
        *left = get.left;
    }
    if (outcome == SHELF_NONE && place->fence != 0) {
        outcome = open_record(shelf, place, &get, secret, left, error);
    }
    free(get.octets);
    return outcome;
}

enum shelf_outcome shelf_lease(const struct shelf *shelf, struct shelf_place *place, int64_t duration,
                               const struct limits *limits, mstr_error *error)
{
    const struct limits call = within(limits);
    unsigned char drawn[DRAWN];
    struct buffer hex = BUFFER_INIT;
    if (!clock_random(drawn, sizeof(drawn)) || !hex_encode(&hex, drawn, sizeof(drawn))) {
        buffer_release(&hex);
        error_set(error, MSTR_E_UNEXPECTED, "there are no random octets for a lease");
        return SHELF_FAILED;
    }
    struct mstr_store_lease lease = {
        .key = key_of(place), .token = buffer_text(&hex), .duration = duration, .known = place->fence};
    enum shelf_outcome outcome = SHELF_FAILED;
    if (store_instance_acquire(shelf->store, &lease, &call, error) == MSTR_OK) {
        outcome = lease.outcome == MSTR_STORE_DONE   ? SHELF_NONE
                  : lease.outcome == MSTR_STORE_HELD ? SHELF_HELD
                                                     : SHELF_CHANGED;
    }
    if (outcome == SHELF_NONE) {
        memcpy(place->token, lease.token, SHELF_TOKEN);
        place->lease = lease.fence;
        place->now = lease.now;
    } else if (outcome == SHELF_CHANGED) {
        place->fence = lease.fence;
    }
    buffer_release(&hex);
    return outcome;
}

/* How long a record of the secret may be there: no longer than the time to live, nor than the secret itself. */
static int64_t keep_of(const mstr_secret *secret, int64_t ttl)
{
    int64_t expires = mstr_secret_expires(secret);
    int64_t left = expires != 0 ? expires - clock_now() : ttl;
    return left < ttl ? left : ttl;
}

enum shelf_outcome shelf_write(const struct shelf *shelf, struct shelf_place *place, const mstr_secret *secret,
                               int64_t ttl, const struct limits *limits, mstr_error *error)
{
    const struct limits call = within(limits);
    const struct fleet_place stands = {.scope = &place->scope,
                                       .name = place->name,
                                       .kind = FLEET_SECRET,
                                       .fence = place->lease,
                                       .created = place->now};
    struct buffer packed = BUFFER_INIT;
    struct buffer sealed = BUFFER_INIT;
    struct mstr_store_put put = {.key = key_of(place),
                                 .lease = place->name,
                                 .token = place->token,
                                 .fence = place->lease,
                                 .keep = keep_of(secret, ttl),
                                 .flags = MSTR_STORE_RELEASE};
    enum shelf_outcome outcome = SHELF_FAILED;
    bool fits = put.keep > 0 && mstr_secret_length(secret) < MSTR_STORE_RECORD_MAX / 2;
    if (!fits) {
        shelf_give_back(shelf, place, limits);
        return SHELF_NONE;
    }
    if (!shared_value_pack(secret, place->now + put.keep, &packed)) {
        error_set(error, MSTR_E_MEMORY, "out of memory");
    } else if (fleet_record_seal(shelf->keys, &stands, packed.data, packed.length, &sealed, error) == MSTR_OK) {
        put.octets = sealed.data;
        put.length = sealed.length;
        outcome = store_instance_put(shelf->store, &put, &call, error) == MSTR_OK ? SHELF_NONE : SHELF_FAILED;
        place->seen = outcome == SHELF_NONE && put.outcome == MSTR_STORE_DONE ? place->lease : place->seen;
    }
    buffer_release(&packed);
    buffer_release(&sealed);
    return outcome;
}

void shelf_give_back(const struct shelf *shelf, const struct shelf_place *place, const struct limits *limits)
{
    const struct limits call = within(limits);
    const struct mstr_store_key key = key_of(place);
    enum mstr_store_outcome outcome = MSTR_STORE_DONE;
    store_instance_release(shelf->store, &key, place->token, &outcome, &call, NULL); /* else it ends by itself */
}

enum shelf_outcome shelf_remove(const struct shelf *shelf, const struct shelf_place *place,
                                const struct limits *limits, mstr_error *error)
{
    const struct limits call = within(limits);
    const struct mstr_store_key key = key_of(place);
    enum mstr_store_outcome outcome = MSTR_STORE_DONE;
    return store_instance_remove(shelf->store, &key, 0, &outcome, &call, error) == MSTR_OK ? SHELF_NONE
                                                                                           : SHELF_FAILED;
}

bool shelf_channel(const struct shelf *shelf, char group[FLEET_GROUP], struct mstr_store_key *channel)
{
    *channel = (struct mstr_store_key){group, "c"};
    return fleet_keys_group(shelf->keys, &everybody, group);
}

enum shelf_outcome shelf_tell(const struct shelf *shelf, const char *key, const struct limits *limits,
                              mstr_error *error)
{
    const struct limits call = within(limits);
    char group[FLEET_GROUP];
    char message[SHELF_NAME];
    struct mstr_store_key channel;
    if (!shelf_channel(shelf, group, &channel) || !digest_of(shelf->keys, key, message)) {
        error_set(error, MSTR_E_MEMORY, "out of memory");
        return SHELF_FAILED;
    }
    return store_instance_publish(shelf->store, &channel, message, &call, error) == MSTR_OK ? SHELF_NONE
                                                                                            : SHELF_FAILED;
}

bool shelf_means(const struct shelf *shelf, const char *message, const char *key)
{
    char name[SHELF_NAME];
    return digest_of(shelf->keys, key, name) && strcmp(name, message) == 0;
}
