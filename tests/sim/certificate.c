/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate authority that lives as long as the simulator, one server certificate of it, and those of clients. */
#include "core.h"

#include "base/text.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

enum { VALID_SECONDS = 2 * 24 * 3600, SKEW_SECONDS = 3600 };

static X509 *authority;
static EVP_PKEY *authority_key;

static bool add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    bool added = extension && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

static X509 *make_blank(EVP_PKEY *key, const char *common_name)
{
    X509 *certificate = X509_new();
    X509_NAME *name = X509_NAME_new();
    unsigned char serial[8] = {0};
    RAND_bytes(serial, sizeof(serial));
    serial[0] &= 0x7f;
    BIGNUM *number = BN_bin2bn(serial, sizeof(serial), NULL);
    bool made = certificate && name && number && X509_set_version(certificate, 2) == 1 &&
                BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) &&
                X509_gmtime_adj(X509_getm_notBefore(certificate), -SKEW_SECONDS) &&
                X509_gmtime_adj(X509_getm_notAfter(certificate), VALID_SECONDS) &&
                X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)common_name, -1, -1, 0) &&
                X509_set_subject_name(certificate, name) == 1 && X509_set_pubkey(certificate, key) == 1;
    BN_free(number);
    X509_NAME_free(name);
    if (!made) {
        X509_free(certificate);
        return NULL;
    }
    return certificate;
}

static X509 *make_authority(EVP_PKEY *key)
{
    X509 *made = make_blank(key, "mstr-sim authority");
    if (made && X509_set_issuer_name(made, X509_get_subject_name(made)) == 1 &&
        add_extension(made, made, NID_basic_constraints, "critical,CA:TRUE") &&
        add_extension(made, made, NID_key_usage, "critical,keyCertSign,cRLSign") &&
        add_extension(made, made, NID_subject_key_identifier, "hash") && X509_sign(made, key, EVP_sha256()) > 0)
        return made;
    X509_free(made);
    return NULL;
}

/* Loopback, and the names that clients know no way around: tests lead those here through a proxy. */
static const char names[] =
    "DNS:localhost,DNS:*.localhost,DNS:*.vault.localhost,IP:127.0.0.1,IP:::1,DNS:*.googleapis.com,"
    "DNS:*.vault.azure.net,DNS:login.microsoftonline.com,"
    "DNS:secretmanager.europe-west1.rep.googleapis.com,DNS:*.us-east-1.amazonaws.com,DNS:*.us-east-1.api.aws,"
    "DNS:portal.sso.us-east-1.amazonaws.com,DNS:portal.sso-fips.us-east-1.amazonaws.com,"
    "DNS:portal.sso.us-east-1.api.aws,DNS:us-east-1.signin.aws.amazon.com,DNS:dev.azure.com,DNS:mstr.example.com,"
    "DNS:vault.example.com,DNS:k8s.example.com,DNS:kubernetes.default.svc";

/* What makes an end of it, no authority: a server of these names, a client for NULL. */
static bool add_purpose(X509 *certificate, X509 *issuer, const char *alternative)
{
    return add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(certificate, issuer, NID_ext_key_usage, alternative ? "serverAuth" : "clientAuth") &&
           add_extension(certificate, issuer, NID_authority_key_identifier, "keyid") &&
           (!alternative || add_extension(certificate, issuer, NID_subject_alt_name, alternative));
}

static X509 *make_end(EVP_PKEY *key, const char *common_name, const char *alternative)
{
    X509 *certificate = make_blank(key, common_name);
    if (certificate && X509_set_issuer_name(certificate, X509_get_subject_name(authority)) == 1 &&
        add_purpose(certificate, authority, alternative) && X509_sign(certificate, authority_key, EVP_sha256()) > 0)
        return certificate;
    X509_free(certificate);
    return NULL;
}

static char *bio_text(BIO *bio)
{
    char *data = NULL;
    long length = BIO_get_mem_data(bio, &data);
    return length > 0 ? text_copy_length(data, (size_t)length) : NULL;
}

static char *certificate_text(X509 *certificate)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = bio && PEM_write_bio_X509(bio, certificate) == 1 ? bio_text(bio) : NULL;
    BIO_free(bio);
    return text;
}

static char *key_text(EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = bio && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1 ? bio_text(bio) : NULL;
    BIO_free(bio);
    return text;
}

static bool write_file(const char *directory, const char *text)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/ca.pem", directory);
    FILE *file = fopen(path, "we");
    bool written = file && fputs(text, file) >= 0;
    if (file && fclose(file) != 0)
        written = false;
    if (!written)
        perror(path);
    return written;
}

static bool issue(const char *common_name, const char *alternative, struct sim_certificates *made)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = key && authority ? make_end(key, common_name, alternative) : NULL;
    *made = (struct sim_certificates){0};
    if (certificate) {
        made->authority = certificate_text(authority);
        made->certificate = certificate_text(certificate);
        made->key = key_text(key);
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
    return made->authority && made->certificate && made->key;
}

bool sim_certificates_make(const char *directory, struct sim_certificates *made)
{
    authority_key = EVP_EC_gen("P-256");
    authority = authority_key ? make_authority(authority_key) : NULL;
    return issue("localhost", names, made) && write_file(directory, made->authority);
}

bool sim_certificate_for_client(const char *name, struct sim_certificates *made)
{
    return issue(name, NULL, made);
}

void sim_certificates_release(struct sim_certificates *made)
{
    free(made->authority);
    free(made->certificate);
    free(made->key);
    *made = (struct sim_certificates){0};
}

void sim_authority_release(void)
{
    X509_free(authority);
    EVP_PKEY_free(authority_key);
    authority = NULL;
    authority_key = NULL;
}
