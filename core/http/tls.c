/* SPDX-License-Identifier: Apache-2.0 */
/* What is set on OpenSSL's context of a connection. */
#include "http/tls.h"

#include "base/base64.h"

#include <openssl/ssl.h>
#include <string.h>

/* The functions are looked up among the libraries that libcurl itself has loaded: libssl is not linked, for the same
 * reason as libcurl is not, and the context at hand belongs to that very copy. */
#define MEMBER(name) __typeof__(name) *name;
struct openssl {
    CURL_API_TLS_FUNCTIONS(MEMBER)
};
#undef MEMBER

static bool load(struct openssl *openssl)
{
#define FOUND(name) curl_api_find(#name, &openssl->name) &&
    return CURL_API_TLS_FUNCTIONS(FOUND) true;
#undef FOUND
}

static int verify(X509_STORE_CTX *store, void *data)
{
    struct tls *tls = data;
    struct openssl openssl;
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (!load(&openssl)) {
        return 0;
    }
    X509 *leaf = openssl.X509_STORE_CTX_get0_cert(store);
    bool same = leaf != NULL && openssl.X509_digest(leaf, openssl.EVP_sha1(), digest, &length) == 1 &&
                length == sizeof(tls->sha1) && memcmp(digest, tls->sha1, length) == 0;
    tls->refused = !same;
    openssl.X509_STORE_CTX_set_error(store, same ? X509_V_OK : X509_V_ERR_CERT_REJECTED);
    return same ? 1 : 0;
}

/* Called when the server asks; whether there is a certificate to show is curl's affair. */
static int note_demand(SSL *ssl, void *data)
{
    (void)ssl;
    *(bool *)data = true;
    return 1;
}

static CURLcode prepare(CURL *easy, void *context, void *data)
{
    struct tls *tls = data;
    struct openssl openssl;
    (void)easy;
    tls->begun = true;
    if (load(&openssl)) {
        openssl.SSL_CTX_set_options(context, SSL_OP_CLEANSE_PLAINTEXT);
        if (tls->asked != NULL) {
            openssl.SSL_CTX_set_cert_cb(context, note_demand, tls->asked);
        }
    }
    return CURLE_OK;
}

static CURLcode prepare_pinned(CURL *easy, void *context, void *data)
{
    struct tls *tls = data;
    struct openssl openssl;
    if (!load(&openssl)) {
        return CURLE_SSL_ENGINE_NOTFOUND;
    }
    openssl.SSL_CTX_set_cert_verify_callback(context, verify, tls);
    return prepare(easy, context, tls);
}

bool tls_prepare(struct tls *tls, CURL *easy)
{
    CURLcode code = tls->api->easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, prepare);
    return code == CURLE_NOT_BUILT_IN || code == CURLE_UNKNOWN_OPTION ||
           (code == CURLE_OK && tls->api->easy_setopt(easy, CURLOPT_SSL_CTX_DATA, tls) == CURLE_OK);
}

static bool read_digits(struct tls *tls, const char *digits)
{
    struct buffer octets = BUFFER_INIT;
    bool good = strlen(digits) == 2 * sizeof(tls->sha1) && hex_decode(&octets, digits, strlen(digits));
    if (good) {
        memcpy(tls->sha1, octets.data, sizeof(tls->sha1));
    }
    buffer_release(&octets);
    return good;
}

enum mstr_code tls_pin(struct tls *tls, CURL *easy, const char *digits, mstr_error *error)
{
    const struct curl_api *api = tls->api;
    if (!read_digits(tls, digits)) {
        return error_set(error, MSTR_E_CONFIG, "the certificate thumbprint is not 40 hexadecimal digits");
    }
    /* Peer verification stays on, or the callback's verdict would not count. No other connection and no TLS session
     * may stand in for the check, and none of these may serve others. */
    bool set = api->easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, prepare_pinned) == CURLE_OK &&
               api->easy_setopt(easy, CURLOPT_SSL_CTX_DATA, tls) == CURLE_OK &&
               api->easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L) == CURLE_OK &&
               api->easy_setopt(easy, CURLOPT_CAINFO, NULL) == CURLE_OK &&
               api->easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK &&
               api->easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L) == CURLE_OK &&
               api->easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L) == CURLE_OK &&
               api->easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L) == CURLE_OK;
    return set ? MSTR_OK
               : error_set(error, MSTR_E_NOT_AVAILABLE,
                           "a certificate cannot be trusted by its thumbprint: libcurl was built without OpenSSL");
}
