/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In the place of openssl_get(), for programs that seal many times: what it gives derives keys at small cost. What
 * links mstr_quick_key has it.
 */
#include "base/openssl.h"

#include <pthread.h>

static struct openssl quick;
static int (*derive)(const char *pass, size_t length, const unsigned char *salt, size_t salt_length, uint64_t n,
                     uint64_t r, uint64_t p, uint64_t most, unsigned char *key, size_t key_length);

static int derive_quickly(const char *pass, size_t length, const unsigned char *salt, size_t salt_length, uint64_t n,
                          uint64_t r, uint64_t p, uint64_t most, unsigned char *key, size_t key_length)
{
    (void)n;
    return derive(pass, length, salt, salt_length, 2, r, p, most, key, key_length);
}

enum mstr_code __real_openssl_get(const struct openssl **openssl, mstr_error *error);
enum mstr_code __wrap_openssl_get(const struct openssl **openssl, mstr_error *error);

enum mstr_code __wrap_openssl_get(const struct openssl **openssl, mstr_error *error)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    enum mstr_code code = __real_openssl_get(openssl, error);
    if (code == MSTR_OK) {
        pthread_mutex_lock(&mutex);
        if (derive == NULL) {
            derive = (*openssl)->EVP_PBE_scrypt;
            quick = **openssl;
            quick.EVP_PBE_scrypt = derive_quickly;
        }
        pthread_mutex_unlock(&mutex);
        *openssl = &quick;
    }
    return code;
}
