/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing and opening a fleet's records. */
#include "fleet/record.h"

#include "base/clock.h"
#include "secret/gcm.h"

#include <string.h>

enum { NONCE = GCM_NONCE, TAG = GCM_TAG, NUMBER = 8 };
enum { /* offsets */
       AT_VERSION = 6,
       AT_CHECK = 7,
       AT_KIND = AT_CHECK + FLEET_CHECK,
       AT_FENCE,
       AT_CREATED = AT_FENCE + NUMBER,
       AT_NONCE = AT_CREATED + NUMBER,
       HEAD = AT_NONCE + NONCE
};
_Static_assert(HEAD + TAG == FLEET_RECORD_EXTRA, "what sealing adds");

static const unsigned char magic[AT_VERSION] = {'M', 'S', 'T', 'R', 'F', 'R'};

static void put_number(unsigned char *at, int64_t number)
{
    for (int i = 0; i < NUMBER; i++) {
        at[i] = (unsigned char)((uint64_t)number >> (56 - 8 * i));
    }
}

static int64_t get_number(const unsigned char *at)
{
    uint64_t number = 0;
    for (int i = 0; i < NUMBER; i++) {
        number = number << 8 | at[i];
    }
    return (int64_t)number;
}

/* What a cipher is given beside the head: the key, and which account and name it is. */
struct binding {
    unsigned char key[FLEET_KEY];
    struct buffer where;
};

/* To be unbound in any case. False without memory. */
static bool bind_to(const struct fleet_keys *keys, int which, const struct fleet_place *place,
                    struct binding *binding)
{
    *binding = (struct binding){.where = BUFFER_INIT};
    fleet_keys_put_scope(keys, place->scope, &binding->where);
    return buffer_puts(&binding->where, place->name) &&
           fleet_keys_derive(keys, which, place->scope, place->kind, binding->key);
}

static struct gcm gcm_of(const struct binding *binding, const unsigned char head[HEAD])
{
    return (struct gcm){binding->key, head + AT_NONCE, head, AT_NONCE, binding->where.data, binding->where.length};
}

static void unbind(struct binding *binding)
{
    mstr_wipe(binding->key, sizeof(binding->key));
    buffer_release(&binding->where);
}

enum mstr_code fleet_record_seal(const struct fleet_keys *keys, const struct fleet_place *place, const void *octets,
                                 size_t length, struct buffer *out, mstr_error *error)
{
    unsigned char head[HEAD];
    unsigned char tag[TAG];
    struct binding binding;
    size_t start = out->length;
    memcpy(head, magic, sizeof(magic));
    head[AT_VERSION] = FLEET_RECORD_NEWEST;
    memcpy(head + AT_CHECK, fleet_keys_check(keys, 0), FLEET_CHECK);
    head[AT_KIND] = (unsigned char)place->kind;
    put_number(head + AT_FENCE, place->fence);
    put_number(head + AT_CREATED, place->created);
    if (length > MSTR_STORE_RECORD_MAX - FLEET_RECORD_EXTRA || !clock_random(head + AT_NONCE, NONCE)) {
        return error_set(error, MSTR_E_UNEXPECTED, "sealing failed: no random octets, or too much to seal");
    }
    bool good = bind_to(keys, 0, place, &binding);
    const struct gcm gcm = gcm_of(&binding, head);
    buffer_append(out, head, HEAD);
    buffer_append(out, octets, length); /* encrypted in place */
    good = good && !out->failed && gcm_seal(&gcm, (unsigned char *)out->data + start + HEAD, length, tag) &&
           buffer_append(out, tag, TAG);
    unbind(&binding);
    if (!good) {
        buffer_truncate(out, start); /* it may hold what was not encrypted yet */
        return error_set(error, MSTR_E_MEMORY, "out of memory for sealing"); /* nothing else of it can fail */
    }
    return MSTR_OK;
}

/* What can be said before the record is opened; FLEET_OPENED = nothing against it. */
static enum fleet_verdict judge_head(const struct fleet_keys *keys, const struct fleet_sealed *sealed,
                                     struct fleet_place *place, int *which)
{
    const unsigned char *octets = sealed->octets;
    if (sealed->length == 0) {
        return FLEET_ABSENT;
    }
    if (sealed->length < AT_CHECK || memcmp(octets, magic, sizeof(magic)) != 0 || octets[AT_VERSION] == 0) {
        return FLEET_TAMPERED;
    }
    if (octets[AT_VERSION] > FLEET_RECORD_NEWEST) {
        return FLEET_NEWER;
    }
    if (sealed->length < FLEET_RECORD_EXTRA || sealed->length > MSTR_STORE_RECORD_MAX) {
        return FLEET_TAMPERED;
    }
    place->kind = (enum fleet_kind)octets[AT_KIND];
    place->fence = get_number(octets + AT_FENCE);
    place->created = get_number(octets + AT_CREATED);
    *which = fleet_keys_find(keys, octets + AT_CHECK);
    if (*which < 0) {
        return FLEET_UNKNOWN_KEY;
    }
    bool expected = octets[AT_KIND] < 32 && (sealed->kinds >> octets[AT_KIND] & 1) != 0;
    return expected ? FLEET_OPENED : FLEET_TAMPERED;
}

static enum fleet_verdict decrypt(const struct gcm *gcm, const struct fleet_sealed *sealed, struct buffer *out)
{
    static const enum fleet_verdict verdicts[] = {
        [GCM_OPENED] = FLEET_OPENED, [GCM_REFUSED] = FLEET_TAMPERED, [GCM_NO_MEMORY] = FLEET_NO_MEMORY};
    const unsigned char *octets = sealed->octets;
    size_t size = sealed->length - FLEET_RECORD_EXTRA;
    size_t start = out->length;
    enum gcm_verdict verdict = GCM_NO_MEMORY;
    if (buffer_append(out, octets + HEAD, size)) {
        verdict = gcm_open(gcm, (unsigned char *)out->data + start, size, octets + sealed->length - TAG);
    }
    if (verdict != GCM_OPENED) {
        buffer_truncate(out, start);
    }
    return verdicts[verdict];
}

enum fleet_verdict fleet_record_open(const struct fleet_keys *keys, const struct fleet_sealed *sealed,
                                     struct fleet_place *place, struct buffer *out)
{
    int which = 0;
    size_t start = out->length;
    struct binding binding;
    enum fleet_verdict verdict = judge_head(keys, sealed, place, &which);
    if (verdict != FLEET_OPENED) {
        return verdict;
    }
    bool bound = bind_to(keys, which, place, &binding);
    const struct gcm gcm = gcm_of(&binding, sealed->octets);
    verdict = bound ? decrypt(&gcm, sealed, out) : FLEET_NO_MEMORY;
    unbind(&binding);
    if (verdict == FLEET_OPENED) { /* only now are fence and time to be believed */
        verdict = place->fence < sealed->seen                           ? FLEET_REPLAYED
                  : sealed->now - place->created > FLEET_RECORD_MAX_AGE ? FLEET_OLD
                                                                        : FLEET_OPENED;
        buffer_truncate(out, verdict == FLEET_OPENED ? out->length : start);
    }
    return verdict;
}
