/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 and HMAC-SHA-256 over OpenSSL's digests. */
#include "sdk/hmac.h"

#include "base/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

enum { BLOCK = 64, DIGEST = 32 };

/* The algorithm is looked up once and kept for the life of the process, as plugins are. */
static const EVP_MD *algorithm(void)
{
    static EVP_MD *kept;
    EVP_MD *found = __atomic_load_n(&kept, __ATOMIC_ACQUIRE);
    if (found == NULL) {
        found = crypto_is_ready() ? EVP_MD_fetch(NULL, "SHA256", NULL) : NULL;
        EVP_MD *none = NULL;
        if (found != NULL &&
            !__atomic_compare_exchange_n(&kept, &none, found, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
            EVP_MD_free(found);
            found = none;
        }
    }
    return found;
}

bool sha256(const void *octets, size_t length, unsigned char digest[32])
{
    const EVP_MD *sha = algorithm();
    return sha != NULL && EVP_Digest(length > 0 ? octets : "", length, digest, NULL, sha, NULL) == 1;
}

static bool half(EVP_MD_CTX *context, const unsigned char pad[BLOCK], const void *octets, size_t length,
                 unsigned char digest[DIGEST])
{
    return EVP_DigestInit_ex2(context, algorithm(), NULL) == 1 && EVP_DigestUpdate(context, pad, BLOCK) == 1 &&
           EVP_DigestUpdate(context, octets, length) == 1 && EVP_DigestFinal_ex(context, digest, NULL) == 1;
}

bool hmac_sha256(const void *key, size_t key_length, const void *octets, size_t length, unsigned char digest[32])
{
    unsigned char inner[BLOCK] = {0};
    unsigned char outer[BLOCK];
    unsigned char middle[DIGEST];
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context != NULL && algorithm() != NULL;
    if (good && key_length > BLOCK) {
        good = sha256(key, key_length, inner);
    } else if (good && key_length > 0) {
        memcpy(inner, key, key_length);
    }
    for (size_t i = 0; i < BLOCK; i++) {
        outer[i] = inner[i] ^ 0x5c;
        inner[i] ^= 0x36;
    }
    good = good && half(context, inner, octets, length, middle) && half(context, outer, middle, DIGEST, digest);
    EVP_MD_CTX_free(context);
    OPENSSL_cleanse(inner, sizeof(inner));
    OPENSSL_cleanse(outer, sizeof(outer));
    OPENSSL_cleanse(middle, sizeof(middle));
    return good;
}
