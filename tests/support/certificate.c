/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates for tests. */
#include "support/certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void need(int good)
{
    if (!good) {
        abort();
    }
}

/* Each has a name of its own, as OpenSSL looks for issuers by name. */
static X509 *sign(EVP_PKEY *key, const char *names, long lifetime)
{
    static atomic_uint number;
    char common[32];
    snprintf(common, sizeof(common), "tiny %u", atomic_fetch_add(&number, 1));
    X509 *x509 = X509_new();
    need(x509 != NULL && X509_set_version(x509, 2) && ASN1_INTEGER_set(X509_get_serialNumber(x509), 1));
    need(X509_gmtime_adj(X509_getm_notBefore(x509), -7200) != NULL);
    need(X509_gmtime_adj(X509_getm_notAfter(x509), lifetime) != NULL);
    X509_NAME *name = X509_get_subject_name(x509);
    need(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)common, -1, -1, 0));
    need(X509_set_issuer_name(x509, name) && X509_set_pubkey(x509, key));
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);
    need(extension != NULL && X509_add_ext(x509, extension, -1));
    X509_EXTENSION_free(extension);
    need(X509_sign(x509, key, EVP_sha256()) > 0);
    return x509;
}

static void fingerprints(struct certificate *certificate, X509 *x509)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    unsigned char *der = NULL;
    need(X509_digest(x509, EVP_sha1(), digest, &length) && length == 20);
    for (unsigned i = 0; i < length; i++) {
        snprintf(certificate->sha1 + 2 * i, 3, "%02x", digest[i]);
    }
    int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), &der);
    need(size > 0 && EVP_Digest(der, (size_t)size, digest, &length, EVP_sha256(), NULL));
    OPENSSL_free(der);
    snprintf(certificate->hash, sizeof(certificate->hash), "%08lx.0", X509_subject_name_hash(x509));
    memcpy(certificate->pin, "sha256//", 8);
    EVP_EncodeBlock((unsigned char *)certificate->pin + 8, digest, 32);
}

void certificate_make(struct certificate *certificate, const char *names)
{
    certificate_make_lasting(certificate, names, 3600);
}

void certificate_make_lasting(struct certificate *certificate, const char *names, long lifetime)
{
    *certificate = (struct certificate){.file = "/tmp/mstr-test-XXXXXX"};
    EVP_PKEY *key = EVP_EC_gen("P-256");
    need(key != NULL);
    X509 *x509 = sign(key, names, lifetime);
    int descriptor = mkstemp(certificate->file);
    FILE *file = descriptor >= 0 ? fdopen(descriptor, "w") : NULL;
    need(file != NULL && PEM_write_X509(file, x509) && PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL));
    fclose(file);
    fingerprints(certificate, x509);
    certificate->context = SSL_CTX_new(TLS_server_method());
    need(certificate->context != NULL && SSL_CTX_use_certificate(certificate->context, x509) &&
         SSL_CTX_use_PrivateKey(certificate->context, key));
    X509_free(x509);
    EVP_PKEY_free(key);
}

void certificate_encrypt(struct certificate *certificate, const char *password)
{
    FILE *file = fopen(certificate->file, "w");
    need(file != NULL && PEM_write_X509(file, SSL_CTX_get0_certificate(certificate->context)));
    need(PEM_write_PKCS8PrivateKey(file, SSL_CTX_get0_privatekey(certificate->context), EVP_aes_256_cbc(), password,
                                   (int)strlen(password), NULL, NULL));
    fclose(file);
}

void certificate_to_pkcs12(struct certificate *certificate, const char *password)
{
    PKCS12 *both = PKCS12_create(password, "tiny", SSL_CTX_get0_privatekey(certificate->context),
                                 SSL_CTX_get0_certificate(certificate->context), NULL, 0, 0, 0, 0, 0);
    FILE *file = fopen(certificate->file, "w");
    need(both != NULL && file != NULL && i2d_PKCS12_fp(file, both));
    fclose(file);
    PKCS12_free(both);
}

void certificate_release(struct certificate *certificate)
{
    unlink(certificate->file);
    SSL_CTX_free(certificate->context);
}
