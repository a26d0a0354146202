/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys and certificates for the tests of service principals, made on the spot.
 */
#ifndef MSTR_TESTS_UNIT_AZURE_KEYS_H
#define MSTR_TESTS_UNIT_AZURE_KEYS_H

#include "support/unit.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

struct pair {
    EVP_PKEY *key;
    X509 *certificate;
};

/* A self-signed certificate of the key, which it takes over. */
static inline struct pair pair_of(EVP_PKEY *key, const char *name)
{
    struct pair pair = {key, X509_new()};
    X509_NAME *subject = X509_get_subject_name(pair.certificate);
    assert_int_equal(X509_set_version(pair.certificate, 2), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(pair.certificate), 1), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(pair.certificate), -3600));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(pair.certificate), 3600));
    assert_int_equal(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0),
                     1);
    assert_int_equal(X509_set_issuer_name(pair.certificate, subject), 1);
    assert_int_equal(X509_set_pubkey(pair.certificate, key), 1);
    assert_true(X509_sign(pair.certificate, key, EVP_sha256()) > 0);
    return pair;
}

static inline struct pair pair_make(const char *name)
{
    return pair_of(EVP_RSA_gen(1024), name);
}

static inline void pair_release(struct pair *pair)
{
    EVP_PKEY_free(pair->key);
    X509_free(pair->certificate);
}

/* Appends the certificate, and the key, encrypted where there is a password, in PEM form. */
static inline void put_certificate(BIO *out, const struct pair *pair)
{
    assert_int_equal(PEM_write_bio_X509(out, pair->certificate), 1);
}

static inline void put_key(BIO *out, const struct pair *pair, const char *password)
{
    int length = password != NULL ? (int)strlen(password) : 0;
    assert_int_equal(PEM_write_bio_PKCS8PrivateKey(out, pair->key, password != NULL ? EVP_aes_256_cbc() : NULL,
                                                   password, length, NULL, NULL),
                     1);
}

static inline void put_pkcs12(BIO *out, const struct pair *pair, const struct pair *other, const char *password)
{
    STACK_OF(X509) *others = sk_X509_new_null();
    if (other != NULL) {
        sk_X509_push(others, other->certificate);
    }
    PKCS12 *store = PKCS12_create(password, "name", pair->key, pair->certificate, others, 0, 0, 1, 1, 0);
    assert_non_null(store);
    assert_int_equal(i2d_PKCS12_bio(out, store), 1);
    PKCS12_free(store);
    sk_X509_free(others);
}

/* Two of them, for the group of tests that sets them up. */
static struct pair own;
static struct pair other;

static inline int setup_keys(void **state)
{
    (void)state;
    own = pair_make("own");
    other = pair_make("other");
    return 0;
}

static inline int release_keys(void **state)
{
    (void)state;
    pair_release(&own);
    pair_release(&other);
    return 0;
}

#endif
