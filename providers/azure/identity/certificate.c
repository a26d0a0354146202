/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of service principals. */
#include "azure/identity/certificate.h"

#include "base/text.h"
#include "sdk/host.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <string.h>

/* Certificates that a file may hold. */
enum { CHAIN_LONGEST = 20 };
/* Rounds of hashing behind a password; what programs write is a hundredth of it. */
enum { ROUNDS_MOST = 10000000 };

static const char password_hint[] = "set AZURE_CLIENT_CERTIFICATE_PASSWORD, or client_certificate_password, to the "
                                    "password of the file";

/* A password to hand to OpenSSL, and whether it was asked for. */
struct password {
    const char *text;
    bool wanted;
};

static enum mstr_code refuse(const char *what, const char *why, const char *hint, struct mstr_error *error)
{
    return error_hint(error, host->error_set(error, MSTR_E_CONFIG, "%s: %s", what, why), hint);
}

static int give_password(char *out, int size, int writing, void *data)
{
    struct password *password = data;
    (void)writing;
    password->wanted = true;
    size_t length = password->text != NULL ? strlen(password->text) : 0;
    if (length == 0 || length > (size_t)size) {
        return -1;
    }
    memcpy(out, password->text, length);
    return (int)length;
}

static enum mstr_code refuse_password(const char *what, const char *password, struct mstr_error *error)
{
    return text_empty(password) ? refuse(what, "is encrypted, and no password is set", password_hint, error)
                                : refuse(what, "the password does not open it", password_hint, error);
}

/* Takes the certificate over, or frees it. */
static bool push(struct certificate *out, X509 *certificate)
{
    if (sk_X509_num(out->chain) < CHAIN_LONGEST && sk_X509_push(out->chain, certificate) > 0) {
        return true;
    }
    X509_free(certificate);
    return false;
}

static BIO *memory_of(const void *octets, size_t length)
{
    return length <= INT32_MAX ? BIO_new_mem_buf(octets, (int)length) : NULL;
}

static enum mstr_code read_pem(const char *what, const void *octets, size_t length, const char *secret,
                               struct certificate *out, struct mstr_error *error)
{
    struct password password = {.text = secret};
    X509 *one = NULL;
    BIO *memory = memory_of(octets, length);
    out->key = memory != NULL ? PEM_read_bio_PrivateKey(memory, NULL, give_password, &password) : NULL;
    BIO_free(memory);
    memory = memory_of(octets, length);
    while (memory != NULL && (one = PEM_read_bio_X509(memory, NULL, give_password, &password)) != NULL) {
        if (!push(out, one)) {
            break;
        }
    }
    BIO_free(memory);
    if (out->key != NULL) {
        return MSTR_OK;
    }
    return password.wanted
               ? refuse_password(what, secret, error)
               : refuse(what, "holds no private key", "put the key in PEM form into the same file", error);
}

/* A sealed store whose seal can be checked in bounded time. */
static bool is_sealed(const PKCS12 *store)
{
    const ASN1_INTEGER *rounds = NULL;
    int64_t number = 1;
    if (PKCS12_mac_present(store) != 1) {
        return false;
    }
    PKCS12_get0_mac(NULL, NULL, NULL, &rounds, store);
    return rounds == NULL || (ASN1_INTEGER_get_int64(&number, rounds) == 1 && number <= ROUNDS_MOST);
}

/* The password may be absent in two ways, which give different keys (RFC 7292 B.1). */
static bool opens(PKCS12 *store, const char *password)
{
    return text_empty(password) ? PKCS12_verify_mac(store, NULL, 0) == 1 || PKCS12_verify_mac(store, "", 0) == 1
                                : PKCS12_verify_mac(store, password, -1) == 1;
}

static enum mstr_code read_pkcs12(const char *what, const void *octets, size_t length, const char *password,
                                  struct certificate *out, struct mstr_error *error)
{
    X509 *leaf = NULL;
    STACK_OF(X509) *others = NULL;
    enum mstr_code code = MSTR_OK;
    BIO *memory = memory_of(octets, length);
    PKCS12 *store = memory != NULL ? d2i_PKCS12_bio(memory, NULL) : NULL;
    if (store == NULL) {
        code = refuse(what, "is neither PEM nor PKCS#12", "name a file with certificate and private key", error);
    } else if (!is_sealed(store)) {
        code = refuse(what, "is PKCS#12 without a seal, or with one that takes too long to check",
                      "export it anew, with a password", error);
    } else if (!opens(store, password)) {
        code = refuse_password(what, password, error);
    } else if (PKCS12_parse(store, password, &out->key, &leaf, &others) != 1) {
        code = refuse(what, "is PKCS#12 of a kind that OpenSSL does not open",
                      "export it anew, with AES-256 in place of RC2 or 3DES", error);
    } else if (out->key == NULL) {
        code = refuse(what, "holds no private key", "export the certificate together with its key", error);
    }
    if (leaf != NULL && !push(out, leaf)) {
        code = refuse(what, "cannot be read", NULL, error);
    }
    while (sk_X509_num(others) > 0 && push(out, sk_X509_shift(others))) {
    }
    sk_X509_pop_free(others, X509_free);
    PKCS12_free(store);
    BIO_free(memory);
    return code;
}

/* The certificate of the key comes first; it may stand anywhere in the file. */
static bool put_leaf_first(struct certificate *certificate)
{
    for (int i = 0; i < sk_X509_num(certificate->chain); i++) {
        if (X509_check_private_key(sk_X509_value(certificate->chain, i), certificate->key) == 1) {
            X509 *leaf = sk_X509_delete(certificate->chain, i);
            return sk_X509_unshift(certificate->chain, leaf) > 0;
        }
    }
    return false;
}

static enum mstr_code check(const char *what, struct certificate *certificate, struct mstr_error *error)
{
    if (EVP_PKEY_get_base_id(certificate->key) != EVP_PKEY_RSA) {
        return refuse(what, "the private key is no RSA key, which Microsoft Entra demands",
                      "make a certificate with an RSA key", error);
    }
    if (sk_X509_num(certificate->chain) == 0) {
        return refuse(what, "holds a key but no certificate", "put the certificate into the same file", error);
    }
    return put_leaf_first(certificate) ? MSTR_OK
                                       : refuse(what, "no certificate in it belongs to the private key",
                                                "put the key's own certificate in", error);
}

static bool is_pem(const char *octets, size_t length)
{
    static const char mark[] = "-----BEGIN";
    size_t size = strlen(mark);
    for (size_t i = 0; i + size <= length; i++) {
        if (memcmp(octets + i, mark, size) == 0) {
            return true;
        }
    }
    return false;
}

enum mstr_code certificate_read(const char *what, const void *octets, size_t length, const char *password,
                                struct certificate *out, struct mstr_error *error)
{
    *out = (struct certificate){.chain = sk_X509_new_null()};
    if (out->chain == NULL) {
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    enum mstr_code code = is_pem(octets, length) ? read_pem(what, octets, length, password, out, error)
                                                 : read_pkcs12(what, octets, length, password, out, error);
    if (code == MSTR_OK) {
        code = check(what, out, error);
    }
    if (code != MSTR_OK) {
        certificate_release(out);
    }
    ERR_clear_error();
    return code;
}

void certificate_release(struct certificate *certificate)
{
    EVP_PKEY_free(certificate->key);
    sk_X509_pop_free(certificate->chain, X509_free);
    *certificate = (struct certificate){NULL, NULL};
}
