/* SPDX-License-Identifier: Apache-2.0 */
/* Whom TLS trusts, and what we show. */
#include "redis/wire/tls_context.h"

#include "sdk/host.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

/* Of a file with a certificate or a key, octets. */
enum { FILE_MAX = 1024 * 1024 };

static enum mstr_code out_of_memory(struct mstr_error *error)
{
    return host->error_set(error, MSTR_E_MEMORY, "out of memory");
}

/* Certificates and revocations of a PEM text; what is neither is passed over. */
static bool add_pem(X509_STORE *store, const char *pem, size_t length)
{
    BIO *text = BIO_new_mem_buf(pem, (int)length);
    STACK_OF(X509_INFO) *found = text != NULL ? PEM_X509_INFO_read_bio(text, NULL, NULL, NULL) : NULL;
    bool good = found != NULL;
    for (int i = 0; good && i < sk_X509_INFO_num(found); i++) {
        const X509_INFO *one = sk_X509_INFO_value(found, i);
        good = (one->x509 == NULL || X509_STORE_add_cert(store, one->x509) == 1) &&
               (one->crl == NULL || X509_STORE_add_crl(store, one->crl) == 1);
    }
    sk_X509_INFO_pop_free(found, X509_INFO_free);
    BIO_free(text);
    return good;
}

static enum mstr_code add_trust(SSL_CTX *context, const struct settings *settings, const struct mstr_call *call,
                                struct mstr_error *error)
{
    struct mstr_trust trust = {.size = sizeof(trust)};
    X509_STORE *store = SSL_CTX_get_cert_store(context);
    enum mstr_code code = host->trust(call, settings->ca_file, &trust, error);
    if (code == MSTR_OK && trust.pem != NULL && !add_pem(store, trust.pem, trust.pem_length)) {
        code = out_of_memory(error);
    }
    if (code == MSTR_OK && trust.folders != NULL && X509_STORE_load_path(store, trust.folders) != 1) {
        code = out_of_memory(error);
    }
    host->trust_free(&trust);
    return code;
}

/* Nobody is asked for a pass phrase. */
/* NOLINTNEXTLINE(readability-non-const-parameter): the prototype is OpenSSL's */
static int no_phrase(char *buffer, int size, int writing, void *data)
{
    (void)buffer;
    (void)size;
    (void)writing;
    (void)data;
    return -1;
}

static bool use_certificates(SSL_CTX *context, BIO *text)
{
    X509 *own = PEM_read_bio_X509(text, NULL, no_phrase, NULL);
    bool good = own != NULL && SSL_CTX_use_certificate(context, own) == 1;
    X509_free(own);
    for (X509 *next = NULL; good && (next = PEM_read_bio_X509(text, NULL, no_phrase, NULL)) != NULL;) {
        good = SSL_CTX_add0_chain_cert(context, next) == 1;
        if (!good) {
            X509_free(next);
        }
    }
    return good;
}

static bool use_key(SSL_CTX *context, BIO *text)
{
    EVP_PKEY *key = PEM_read_bio_PrivateKey(text, NULL, no_phrase, NULL);
    bool good = key != NULL && SSL_CTX_use_PrivateKey(context, key) == 1;
    EVP_PKEY_free(key);
    return good;
}

static enum mstr_code use_file(SSL_CTX *context, const struct mstr_call *call, const char *path, const char *what,
                               bool (*use)(SSL_CTX *, BIO *), struct mstr_error *error)
{
    char *pem = NULL;
    size_t length = 0;
    enum mstr_code code = host->read_file(call, path, FILE_MAX, &pem, &length, error);
    if (code == MSTR_E_NOT_FOUND || code == MSTR_E_DENIED) {
        return host->error_set(error, MSTR_E_CONFIG, "the file %s cannot be read: %.300s", what, path);
    }
    if (code != MSTR_OK) {
        return code;
    }
    BIO *text = BIO_new_mem_buf(pem, (int)length);
    if (text == NULL || !use(context, text)) {
        code = host->error_set(error, MSTR_E_CONFIG, "%s %.300s is no PEM file that can be used", what, path);
        error_hint(error, code, "it must not be encrypted, and the key must be that of the certificate");
    }
    BIO_free(text);
    host->secret_free(pem);
    return code;
}

static enum mstr_code fill(SSL_CTX *context, const struct settings *settings, const struct mstr_call *call,
                           struct mstr_error *error)
{
    const char *key = settings->client_key != NULL ? settings->client_key : settings->client_cert;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_mode(context, SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1) {
        return out_of_memory(error);
    }
    enum mstr_code code = add_trust(context, settings, call, error);
    if (code == MSTR_OK && settings->client_cert != NULL) {
        code = use_file(context, call, settings->client_cert, "client_cert", use_certificates, error);
        code = code == MSTR_OK ? use_file(context, call, key, "client_key", use_key, error) : code;
    }
    return code;
}

enum mstr_code tls_context_make(const struct settings *settings, const struct mstr_call *call, SSL_CTX **context,
                                struct mstr_error *error)
{
    SSL_CTX *made = SSL_CTX_new(TLS_client_method());
    enum mstr_code code = made != NULL ? fill(made, settings, call, error) : out_of_memory(error);
    ERR_clear_error(); /* among others that a file has no further certificate */
    if (code != MSTR_OK) {
        SSL_CTX_free(made);
        made = NULL;
    }
    *context = made;
    return code;
}
