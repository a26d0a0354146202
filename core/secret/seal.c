/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing octets with a passphrase. */
#include "secret/seal.h"

#include "base/clock.h"
#include "base/openssl.h"
#include "secret/memory.h"

#include <limits.h>
#include <string.h>

/* The last octet of the magic is the version: other parameters make another version. */
static const unsigned char magic[8] = {'M', 'S', 'T', 'R', 'S', 'E', 'S', 1};
enum { SALT = 16, NONCE = 12, TAG = 16, KEY = 32, HEAD = sizeof(magic) + SALT + NONCE };
enum { SCRYPT_N = 1 << 15, SCRYPT_R = 8, SCRYPT_P = 1, SCRYPT_MEMORY = 64 * 1024 * 1024 };

/* What both directions have in common: a cipher that knows key, nonce and all that is only authenticated. NULL
 * without memory. */
static EVP_CIPHER_CTX *begin(const struct openssl *openssl, const mstr_secret *passphrase, const char *context,
                             const unsigned char head[HEAD], int encrypt)
{
    int written = 0;
    unsigned char *key = secure_alloc(KEY);
    EVP_CIPHER_CTX *cipher = openssl->EVP_CIPHER_CTX_new();
    bool good =
        key != NULL && cipher != NULL && strlen(context) <= INT_MAX &&
        openssl->EVP_PBE_scrypt(mstr_secret_octets(passphrase), mstr_secret_length(passphrase), head + sizeof(magic),
                                SALT, SCRYPT_N, SCRYPT_R, SCRYPT_P, SCRYPT_MEMORY, key, KEY) == 1 &&
        openssl->EVP_CipherInit_ex(cipher, openssl->EVP_aes_256_gcm(), NULL, key, head + sizeof(magic) + SALT,
                                   encrypt) == 1 &&
        openssl->EVP_CipherUpdate(cipher, NULL, &written, head, HEAD) == 1 &&
        openssl->EVP_CipherUpdate(cipher, NULL, &written, (const unsigned char *)context, (int)strlen(context)) == 1;
    secure_free(key);
    if (!good) {
        openssl->ERR_clear_error();
        openssl->EVP_CIPHER_CTX_free(cipher);
        return NULL;
    }
    return cipher;
}

enum mstr_code seal(const mstr_secret *passphrase, const char *context, const void *octets, size_t length,
                    struct buffer *out, mstr_error *error)
{
    unsigned char head[HEAD];
    unsigned char tag[TAG];
    size_t start = out->length;
    int written = 0;
    const struct openssl *openssl = NULL;
    enum mstr_code code = openssl_get(&openssl, error);
    if (code != MSTR_OK) {
        return code;
    }
    memcpy(head, magic, sizeof(magic));
    if (length > INT_MAX / 2 || !clock_random(head + sizeof(magic), SALT + NONCE)) {
        return error_set(error, MSTR_E_UNEXPECTED, "sealing failed: no random octets, or too much to seal");
    }
    EVP_CIPHER_CTX *cipher = begin(openssl, passphrase, context, head, 1);
    buffer_append(out, head, HEAD);
    buffer_append(out, octets, length); /* encrypted in place */
    bool good = cipher != NULL && !out->failed;
    unsigned char *text = good ? (unsigned char *)out->data + start + HEAD : NULL;
    good = good && openssl->EVP_CipherUpdate(cipher, text, &written, text, (int)length) == 1 &&
           openssl->EVP_CipherFinal_ex(cipher, text + written, &written) == 1 &&
           openssl->EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, TAG, tag) == 1 && buffer_append(out, tag, TAG);
    openssl->EVP_CIPHER_CTX_free(cipher);
    if (!good) {
        buffer_clear(out); /* it may hold what was not encrypted yet */
        return error_set(error, MSTR_E_MEMORY, "out of memory for sealing"); /* nothing else of it can fail */
    }
    return MSTR_OK;
}

enum mstr_code unseal(const mstr_secret *passphrase, const char *context, const void *sealed, size_t length,
                      struct buffer *out, mstr_error *error)
{
    const unsigned char *octets = sealed;
    const struct openssl *openssl = NULL;
    if (length < HEAD + TAG || length > INT_MAX / 2 || memcmp(octets, magic, sizeof(magic)) != 0) {
        return error_set(error, MSTR_E_AUTHENTICATION, "not a saved session of this version");
    }
    enum mstr_code code = openssl_get(&openssl, error);
    if (code != MSTR_OK) {
        return code;
    }
    size_t size = length - HEAD - TAG;
    size_t start = out->length;
    unsigned char tag[TAG];
    int written = 0;
    memcpy(tag, octets + length - TAG, TAG);
    EVP_CIPHER_CTX *cipher = begin(openssl, passphrase, context, octets, 0);
    buffer_append(out, octets + HEAD, size);
    if (cipher == NULL || out->failed) {
        openssl->EVP_CIPHER_CTX_free(cipher);
        return error_set(error, MSTR_E_MEMORY, "out of memory for unsealing");
    }
    unsigned char *text = (unsigned char *)out->data + start;
    bool good = openssl->EVP_CipherUpdate(cipher, text, &written, text, (int)size) == 1 &&
                openssl->EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, TAG, tag) == 1 &&
                openssl->EVP_CipherFinal_ex(cipher, text + written, &written) == 1;
    openssl->EVP_CIPHER_CTX_free(cipher);
    if (!good) {
        buffer_clear(out);
        return error_set(error, MSTR_E_AUTHENTICATION, "sealed with another key or for another server, or changed");
    }
    return MSTR_OK;
}
