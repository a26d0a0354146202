/* SPDX-License-Identifier: Apache-2.0 */
/* AES-256-GCM over octets in place. */
#include "secret/gcm.h"

#include "base/openssl.h"

#include <string.h>

/* What both directions have in common: a cipher that knows key, nonce and all that is only authenticated. */
static EVP_CIPHER_CTX *begin(const struct openssl *openssl, const struct gcm *gcm, size_t length, int encrypt)
{
    int written = 0;
    bool fits = length <= GCM_MAX && gcm->data_length <= GCM_MAX && gcm->more_length <= GCM_MAX;
    EVP_CIPHER_CTX *cipher = fits ? openssl->EVP_CIPHER_CTX_new() : NULL;
    bool good =
        cipher != NULL &&
        openssl->EVP_CipherInit_ex(cipher, openssl->EVP_aes_256_gcm(), NULL, gcm->key, gcm->nonce, encrypt) == 1 &&
        openssl->EVP_CipherUpdate(cipher, NULL, &written, gcm->data, (int)gcm->data_length) == 1 &&
        openssl->EVP_CipherUpdate(cipher, NULL, &written, gcm->more, (int)gcm->more_length) == 1;
    if (!good) {
        openssl->ERR_clear_error();
        openssl->EVP_CIPHER_CTX_free(cipher);
        return NULL;
    }
    return cipher;
}

bool gcm_seal(const struct gcm *gcm, unsigned char *text, size_t length, unsigned char tag[GCM_TAG])
{
    const struct openssl *openssl = NULL;
    int written = 0;
    if (openssl_get(&openssl, NULL) != MSTR_OK) {
        return false;
    }
    EVP_CIPHER_CTX *cipher = begin(openssl, gcm, length, 1);
    bool good = cipher != NULL && openssl->EVP_CipherUpdate(cipher, text, &written, text, (int)length) == 1 &&
                openssl->EVP_CipherFinal_ex(cipher, tag, &written) == 1 && /* which writes nothing */
                openssl->EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, GCM_TAG, tag) == 1;
    openssl->EVP_CIPHER_CTX_free(cipher);
    if (!good) {
        openssl->ERR_clear_error();
    }
    return good;
}

enum gcm_verdict gcm_open(const struct gcm *gcm, unsigned char *text, size_t length, const unsigned char tag[GCM_TAG])
{
    unsigned char own[GCM_TAG]; /* which OpenSSL may change */
    const struct openssl *openssl = NULL;
    int written = 0;
    EVP_CIPHER_CTX *cipher = openssl_get(&openssl, NULL) == MSTR_OK ? begin(openssl, gcm, length, 0) : NULL;
    if (cipher == NULL) {
        return GCM_NO_MEMORY;
    }
    memcpy(own, tag, GCM_TAG);
    bool good = openssl->EVP_CipherUpdate(cipher, text, &written, text, (int)length) == 1 &&
                openssl->EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, GCM_TAG, own) == 1 &&
                openssl->EVP_CipherFinal_ex(cipher, own, &written) == 1;
    openssl->EVP_CIPHER_CTX_free(cipher);
    if (!good) {
        openssl->ERR_clear_error();
    }
    return good ? GCM_OPENED : GCM_REFUSED;
}
