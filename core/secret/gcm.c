/* SPDX-License-Identifier: Apache-2.0 */
/* AES-256-GCM over octets in place. */
#include "secret/gcm.h"

#include "base/crypto.h"

#include <limits.h>
#include <openssl/evp.h>
#include <string.h>

/* What both directions have in common: a cipher that knows key, nonce and all that is only authenticated. */
static EVP_CIPHER_CTX *begin(const struct gcm *gcm, size_t length, int encrypt)
{
    static const size_t most = INT_MAX / 2;
    int written = 0;
    bool fits = length <= most && gcm->data_length <= most && gcm->more_length <= most;
    EVP_CIPHER_CTX *cipher = fits && crypto_is_ready() ? EVP_CIPHER_CTX_new() : NULL;
    bool good = cipher != NULL &&
                EVP_CipherInit_ex(cipher, EVP_aes_256_gcm(), NULL, gcm->key, gcm->nonce, encrypt) == 1 &&
                EVP_CipherUpdate(cipher, NULL, &written, gcm->data, (int)gcm->data_length) == 1 &&
                EVP_CipherUpdate(cipher, NULL, &written, gcm->more, (int)gcm->more_length) == 1;
    if (!good) {
        crypto_forget_failure();
        EVP_CIPHER_CTX_free(cipher);
        return NULL;
    }
    return cipher;
}

bool gcm_seal(const struct gcm *gcm, unsigned char *text, size_t length, unsigned char tag[GCM_TAG])
{
    int written = 0;
    EVP_CIPHER_CTX *cipher = begin(gcm, length, 1);
    bool good = cipher != NULL && EVP_CipherUpdate(cipher, text, &written, text, (int)length) == 1 &&
                EVP_CipherFinal_ex(cipher, text + written, &written) == 1 &&
                EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, GCM_TAG, tag) == 1;
    EVP_CIPHER_CTX_free(cipher);
    return good || crypto_forget_failure();
}

enum gcm_verdict gcm_open(const struct gcm *gcm, unsigned char *text, size_t length, const unsigned char tag[GCM_TAG])
{
    unsigned char own[GCM_TAG]; /* which OpenSSL may change */
    int written = 0;
    EVP_CIPHER_CTX *cipher = begin(gcm, length, 0);
    if (cipher == NULL) {
        return GCM_NO_MEMORY;
    }
    memcpy(own, tag, GCM_TAG);
    bool good = EVP_CipherUpdate(cipher, text, &written, text, (int)length) == 1 &&
                EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, GCM_TAG, own) == 1 &&
                EVP_CipherFinal_ex(cipher, text + written, &written) == 1;
    EVP_CIPHER_CTX_free(cipher);
    if (!good) {
        crypto_forget_failure();
    }
    return good ? GCM_OPENED : GCM_REFUSED;
}
