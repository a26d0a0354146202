/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing and opening a fleet's records. */
#include "fleet/record.h"

#include "base/clock.h"
#include "base/crypto.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

enum { NONCE = 12, TAG = 16, NUMBER = 8 };
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

/* What both directions have in common: a cipher that knows key, nonce and all that is only authenticated. */
static EVP_CIPHER_CTX *begin(const struct fleet_keys *keys, int which, const struct fleet_place *place,
                             const unsigned char head[HEAD], int encrypt)
{
    int written = 0;
    unsigned char key[FLEET_KEY];
    struct buffer data = BUFFER_INIT;
    buffer_append(&data, head, AT_NONCE);
    fleet_keys_put_scope(keys, place->scope, &data);
    buffer_puts(&data, place->name);
    EVP_CIPHER_CTX *cipher = crypto_is_ready() ? EVP_CIPHER_CTX_new() : NULL;
    bool good = cipher != NULL && !data.failed && data.length <= INT_MAX &&
                fleet_keys_derive(keys, which, place->scope, place->kind, key) &&
                EVP_CipherInit_ex(cipher, EVP_aes_256_gcm(), NULL, key, head + AT_NONCE, encrypt) == 1 &&
                EVP_CipherUpdate(cipher, NULL, &written, (unsigned char *)data.data, (int)data.length) == 1;
    OPENSSL_cleanse(key, sizeof(key));
    buffer_release(&data);
    if (!good) {
        crypto_forget_failure();
        EVP_CIPHER_CTX_free(cipher);
        return NULL;
    }
    return cipher;
}

enum mstr_code fleet_record_seal(const struct fleet_keys *keys, const struct fleet_place *place, const void *octets,
                                 size_t length, struct buffer *out, mstr_error *error)
{
    unsigned char head[HEAD];
    unsigned char tag[TAG];
    size_t start = out->length;
    int written = 0;
    memcpy(head, magic, sizeof(magic));
    head[AT_VERSION] = FLEET_RECORD_NEWEST;
    memcpy(head + AT_CHECK, fleet_keys_check(keys, 0), FLEET_CHECK);
    head[AT_KIND] = (unsigned char)place->kind;
    put_number(head + AT_FENCE, place->fence);
    put_number(head + AT_CREATED, place->created);
    if (length > MSTR_STORE_RECORD_MAX - FLEET_RECORD_EXTRA || !clock_random(head + AT_NONCE, NONCE)) {
        return error_set(error, MSTR_E_UNEXPECTED, "sealing failed: no random octets, or too much to seal");
    }
    EVP_CIPHER_CTX *cipher = begin(keys, 0, place, head, 1);
    buffer_append(out, head, HEAD);
    buffer_append(out, octets, length); /* encrypted in place */
    bool good = cipher != NULL && !out->failed;
    unsigned char *text = good ? (unsigned char *)out->data + start + HEAD : NULL;
    good = good && EVP_CipherUpdate(cipher, text, &written, text, (int)length) == 1 &&
           EVP_CipherFinal_ex(cipher, text + written, &written) == 1 &&
           EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, TAG, tag) == 1 && buffer_append(out, tag, TAG);
    EVP_CIPHER_CTX_free(cipher);
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

static enum fleet_verdict decrypt(EVP_CIPHER_CTX *cipher, const struct fleet_sealed *sealed, struct buffer *out)
{
    const unsigned char *octets = sealed->octets;
    size_t size = sealed->length - FLEET_RECORD_EXTRA;
    size_t start = out->length;
    unsigned char tag[TAG];
    int written = 0;
    memcpy(tag, octets + sealed->length - TAG, TAG);
    if (cipher == NULL || !buffer_append(out, octets + HEAD, size)) {
        buffer_truncate(out, start);
        return FLEET_NO_MEMORY;
    }
    unsigned char *text = (unsigned char *)out->data + start;
    bool good = EVP_CipherUpdate(cipher, text, &written, text, (int)size) == 1 &&
                EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, TAG, tag) == 1 &&
                EVP_CipherFinal_ex(cipher, text + written, &written) == 1;
    if (!good) {
        buffer_truncate(out, start);
        crypto_forget_failure();
        return FLEET_TAMPERED;
    }
    return FLEET_OPENED;
}

enum fleet_verdict fleet_record_open(const struct fleet_keys *keys, const struct fleet_sealed *sealed,
                                     struct fleet_place *place, struct buffer *out)
{
    int which = 0;
    size_t start = out->length;
    enum fleet_verdict verdict = judge_head(keys, sealed, place, &which);
    if (verdict != FLEET_OPENED) {
        return verdict;
    }
    EVP_CIPHER_CTX *cipher = begin(keys, which, place, sealed->octets, 0);
    verdict = decrypt(cipher, sealed, out);
    EVP_CIPHER_CTX_free(cipher);
    if (verdict == FLEET_OPENED) { /* only now are fence and time to be believed */
        verdict = place->fence < sealed->seen                           ? FLEET_REPLAYED
                  : sealed->now - place->created > FLEET_RECORD_MAX_AGE ? FLEET_OLD
                                                                        : FLEET_OPENED;
        buffer_truncate(out, verdict == FLEET_OPENED ? out->length : start);
    }
    return verdict;
}
