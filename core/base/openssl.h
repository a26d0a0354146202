/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The functions of OpenSSL that libmstr itself calls, out of libcrypto, which is opened on first use: whatever seals
 * nothing, and sends nothing, need not load it. The pointers have the types of OpenSSL's own declarations. Plugins
 * link it (base/crypto.h). A single-file program has it linked in; there the same names lead to it.
 */
#ifndef MSTR_BASE_OPENSSL_H
#define MSTR_BASE_OPENSSL_H

#include "base/error.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#define OPENSSL_FUNCTIONS(X)                                                                                         \
    X(BIO_free)                                                                                                      \
    X(BIO_new_mem_buf)                                                                                               \
    X(ERR_clear_error)                                                                                               \
    X(ERR_peek_last_error)                                                                                           \
    X(EVP_CIPHER_CTX_ctrl)                                                                                           \
    X(EVP_CIPHER_CTX_free)                                                                                           \
    X(EVP_CIPHER_CTX_new)                                                                                            \
    X(EVP_CipherFinal_ex)                                                                                            \
    X(EVP_CipherInit_ex)                                                                                             \
    X(EVP_CipherUpdate)                                                                                              \
    X(EVP_PBE_scrypt)                                                                                                \
    X(EVP_PKEY_free)                                                                                                 \
    X(EVP_aes_256_gcm)                                                                                               \
    X(EVP_sha256)                                                                                                    \
    X(HMAC)                                                                                                          \
    X(OPENSSL_init_crypto)                                                                                           \
    X(OSSL_LIB_CTX_get0_global_default)                                                                              \
    X(PEM_read_bio_PrivateKey)                                                                                       \
    X(PEM_read_bio_X509_AUX)                                                                                         \
    X(PKCS12_free)                                                                                                   \
    X(PKCS12_parse)                                                                                                  \
    X(X509_check_private_key)                                                                                        \
    X(X509_free)                                                                                                     \
    X(d2i_PKCS12)

#define OPENSSL_MEMBER(name) __typeof__(name) *name;
struct openssl {
    OPENSSL_FUNCTIONS(OPENSSL_MEMBER)
};
#undef OPENSSL_MEMBER

/* Opened and initialised on the first call; `error` is told when it cannot be. */
enum mstr_code openssl_get(const struct openssl **openssl, mstr_error *error);

#endif
