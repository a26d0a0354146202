/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing octets with a passphrase. */
#include "secret/seal.h"

#include "base/clock.h"
#include "base/openssl.h"
#include "secret/gcm.h"
#include "secret/memory.h"

#include <string.h>

/* The last octet of the magic is the version: other parameters make another version. */
static const unsigned char magic[8] = {'M', 'S', 'T', 'R', 'S', 'E', 'S', 1};
enum { AT_VERSION = sizeof(magic) - 1 };
enum { SALT = 16, NONCE = GCM_NONCE, TAG = GCM_TAG, HEAD = sizeof(magic) + SALT + NONCE };
enum { SCRYPT_N = 1 << 15, SCRYPT_R = 8, SCRYPT_P = 1, SCRYPT_MEMORY = 64 * 1024 * 1024 };

/* The key of a sealing, to be freed. */
static enum mstr_code derive(const mstr_secret *passphrase, const unsigned char head[HEAD], unsigned char **key,
                             mstr_error *error)
{
    const struct openssl *openssl = NULL;
    *key = NULL;
    enum mstr_code code = openssl_get(&openssl, error);
    if (code != MSTR_OK) {
        return code;
    }
    *key = secure_alloc(GCM_KEY);
    bool good =
        *key != NULL &&
        openssl->EVP_PBE_scrypt(mstr_secret_octets(passphrase), mstr_secret_length(passphrase), head + sizeof(magic),
                                SALT, SCRYPT_N, SCRYPT_R, SCRYPT_P, SCRYPT_MEMORY, *key, GCM_KEY) == 1;
    if (!good) {
        openssl->ERR_clear_error();
        secure_free(*key);
        return error_set(error, MSTR_E_MEMORY, "out of memory for sealing");
    }
    return MSTR_OK;
}

static struct gcm gcm_of(const unsigned char *key, const char *context, const unsigned char head[HEAD])
{
    return (struct gcm){key, head + sizeof(magic) + SALT, head, HEAD, context, strlen(context)};
}

enum mstr_code seal(const mstr_secret *passphrase, const char *context, const void *octets, size_t length,
                    struct buffer *out, mstr_error *error)
{
    unsigned char head[HEAD];
    unsigned char tag[TAG];
    size_t start = out->length;
    memcpy(head, magic, sizeof(magic));
    if (length > GCM_MAX || !clock_random(head + sizeof(magic), SALT + NONCE)) {
        return error_set(error, MSTR_E_UNEXPECTED, "sealing failed: no random octets, or too much to seal");
    }
    unsigned char *key = NULL;
    enum mstr_code code = derive(passphrase, head, &key, error);
    if (code != MSTR_OK) {
        return code;
    }
    const struct gcm gcm = gcm_of(key, context, head);
    buffer_append(out, head, HEAD);
    buffer_append(out, octets, length); /* encrypted in place */
    bool good = !out->failed && gcm_seal(&gcm, (unsigned char *)out->data + start + HEAD, length, tag) &&
                buffer_append(out, tag, TAG);
    secure_free(key);
    if (!good) {
        buffer_truncate(out, start); /* it may hold what was not encrypted yet */
        return error_set(error, MSTR_E_MEMORY, "out of memory for sealing"); /* nothing else of it can fail */
    }
    return MSTR_OK;
}

enum mstr_code unseal(const mstr_secret *passphrase, const char *context, const void *sealed, size_t length,
                      struct buffer *out, mstr_error *error)
{
    const unsigned char *octets = sealed;
    if (length < sizeof(magic) || memcmp(octets, magic, AT_VERSION) != 0) {
        return error_set(error, MSTR_E_AUTHENTICATION, "not a saved session");
    }
    if (octets[AT_VERSION] > magic[AT_VERSION]) {
        return error_set(error, MSTR_E_AUTHENTICATION, "sealed by a later version of libmstr");
    }
    if (length < HEAD + TAG || length > HEAD + GCM_MAX + TAG || octets[AT_VERSION] != magic[AT_VERSION]) {
        return error_set(error, MSTR_E_AUTHENTICATION, "not a whole saved session");
    }
    size_t size = length - HEAD - TAG;
    size_t start = out->length;
    unsigned char *key = NULL;
    enum mstr_code code = derive(passphrase, octets, &key, error);
    if (code != MSTR_OK) {
        return code;
    }
    const struct gcm gcm = gcm_of(key, context, octets);
    buffer_append(out, octets + HEAD, size);
    enum gcm_verdict verdict =
        out->failed ? GCM_NO_MEMORY : gcm_open(&gcm, (unsigned char *)out->data + start, size, octets + length - TAG);
    secure_free(key);
    if (verdict == GCM_NO_MEMORY) {
        return error_set(error, MSTR_E_MEMORY, "out of memory for unsealing");
    }
    if (verdict != GCM_OPENED) {
        buffer_truncate(out, start);
        return error_set(error, MSTR_E_AUTHENTICATION, "sealed with another key or for another server, or changed");
    }
    return MSTR_OK;
}
