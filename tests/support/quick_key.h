/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In the place of OpenSSL's, for programs that seal many times: a key at small cost.
 */
#ifndef MSTR_TESTS_SUPPORT_QUICK_KEY_H
#define MSTR_TESTS_SUPPORT_QUICK_KEY_H

#include <openssl/evp.h>

int EVP_PBE_scrypt(const char *pass, size_t passlen, const unsigned char *salt, size_t saltlen, uint64_t N,
                   uint64_t r, uint64_t p, uint64_t maxmem, unsigned char *key, size_t keylen)
{
    (void)N;
    return EVP_PBE_scrypt_ex(pass, passlen, salt, saltlen, 2, r, p, maxmem, key, keylen, NULL, NULL);
}

#endif
