/* SPDX-License-Identifier: Apache-2.0 */
/* TLS over a socket of ours. */
#include "redis/wire/tls.h"

#include "base/crypto.h"
#include "redis/wire/tls_context.h"
#include "sdk/host.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

/* ms after which the files are read anew. */
enum { LIFETIME = 60 * 1000, CHUNK = 16 * 1024 };

struct tls {
    SSL *ssl;
    BIO *in; /* what came; both belong to ssl */
    BIO *out;
    int fd;
};

bool tls_side_init(struct tls_side *side)
{
    side->context = NULL;
    return pthread_mutex_init(&side->lock, NULL) == 0;
}

void tls_side_destroy(struct tls_side *side)
{
    SSL_CTX_free(side->context);
    pthread_mutex_destroy(&side->lock);
}

/* To be given back with SSL_CTX_free(). Others wait while the files are read, which is no matter of seconds. */
static enum mstr_code take_context(struct tls_side *side, const struct settings *settings,
                                   const struct mstr_call *call, SSL_CTX **context, struct mstr_error *error)
{
    enum mstr_code code = MSTR_OK;
    pthread_mutex_lock(&side->lock);
    if (side->context == NULL || host->monotonic() - side->read > LIFETIME) {
        SSL_CTX *made = NULL;
        code = tls_context_make(settings, call, &made, error);
        SSL_CTX_free(side->context);
        side->context = made;
        side->read = host->monotonic();
    }
    *context = side->context;
    if (code == MSTR_OK) {
        SSL_CTX_up_ref(side->context);
    }
    pthread_mutex_unlock(&side->lock);
    return code;
}

static bool set_name(SSL *ssl, const char *name)
{
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1) {
        return true;
    }
    ERR_clear_error();
    return SSL_set1_host(ssl, name) == 1 && SSL_set_tlsext_host_name(ssl, name) == 1;
}

static struct tls *make(SSL_CTX *context, const char *name, int fd)
{
    struct tls *tls = calloc(1, sizeof(*tls));
    BIO *in = BIO_new(BIO_s_mem());
    BIO *out = BIO_new(BIO_s_mem());
    SSL *ssl = SSL_new(context);
    if (tls == NULL || in == NULL || out == NULL || ssl == NULL || !set_name(ssl, name)) {
        crypto_forget_failure();
        SSL_free(ssl);
        BIO_free(in);
        BIO_free(out);
        free(tls);
        return NULL;
    }
    SSL_set_bio(ssl, in, out);
    SSL_set_connect_state(ssl);
    *tls = (struct tls){ssl, in, out, fd};
    return tls;
}

static enum mstr_code flush(struct tls *tls, const struct wait *wait, struct mstr_error *error)
{
    char chunk[CHUNK];
    enum mstr_code code = MSTR_OK;
    for (int count = 0; code == MSTR_OK && (count = BIO_read(tls->out, chunk, sizeof(chunk))) > 0;) {
        code = socket_send(tls->fd, chunk, (size_t)count, wait, error);
    }
    return code;
}

/* More of what the peer sends; *ended: there is no more. */
static enum mstr_code fill(struct tls *tls, const struct wait *wait, bool *ended, struct mstr_error *error)
{
    char chunk[CHUNK];
    size_t got = 0;
    enum mstr_code code = socket_receive(tls->fd, chunk, sizeof(chunk), wait, &got, error);
    *ended = code == MSTR_OK && got == 0;
    if (got > 0 && BIO_write(tls->in, chunk, (int)got) != (int)got) {
        code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    return code;
}

static const struct {
    long result;
    const char *hint;
} unverified[] = {
    {X509_V_ERR_HOSTNAME_MISMATCH, "name the store in \"url\" as its certificate does, or set server_name"},
    {X509_V_ERR_IP_ADDRESS_MISMATCH, "name the store in \"url\" as its certificate does, or set server_name"},
    {X509_V_ERR_CERT_HAS_EXPIRED, "have the store's certificate renewed, or see that this clock is right"},
};

static enum mstr_code tell_unverified(long result, struct mstr_error *error)
{
    host->error_set(error, MSTR_E_TLS, "the store's certificate is not accepted: %s",
                    X509_verify_cert_error_string(result));
    for (size_t i = 0; i < sizeof(unverified) / sizeof(*unverified); i++) {
        if (unverified[i].result == result) {
            return error_hint(error, MSTR_E_TLS, unverified[i].hint);
        }
    }
    return error_hint(error, MSTR_E_TLS, "name the authority that signed it with ca_file");
}

static enum mstr_code tell_failure(const struct tls *tls, struct mstr_error *error)
{
    unsigned long last = ERR_peek_last_error();
    const char *reason = ERR_reason_error_string(last);
    long result = SSL_get_verify_result(tls->ssl);
    if (result != X509_V_OK) {
        return tell_unverified(result, error);
    }
    host->error_set(error, MSTR_E_TLS, "TLS with the store failed: %s",
                    reason != NULL ? reason : "no reason is known");
    if (ERR_GET_REASON(last) == SSL_R_WRONG_VERSION_NUMBER) {
        return error_hint(error, MSTR_E_TLS, "what listens there speaks no TLS: see the port of \"url\"");
    }
    return error_hint(error, MSTR_E_TLS, "where the store asks for a certificate, set client_cert and client_key");
}

/* Sees to what an operation of OpenSSL lacks that gave `result`. *again: it is to be repeated. */
static enum mstr_code step(struct tls *tls, int result, const struct wait *wait, bool *again, bool *ended,
                           struct mstr_error *error)
{
    int need = SSL_get_error(tls->ssl, result);
    enum mstr_code code = MSTR_OK;
    *again = false;
    *ended = need == SSL_ERROR_ZERO_RETURN;
    if (need == SSL_ERROR_WANT_READ) {
        code = flush(tls, wait, error);
        code = code == MSTR_OK ? fill(tls, wait, ended, error) : code;
        *again = code == MSTR_OK && !*ended;
    } else if (result <= 0 && !*ended) {
        code = tell_failure(tls, error);
        flush(tls, wait, NULL); /* the alert, which tells the peer why */
    }
    ERR_clear_error();
    return code;
}

static enum mstr_code shake_hands(struct tls *tls, const struct wait *wait, struct mstr_error *error)
{
    enum mstr_code code = MSTR_OK;
    bool ended = false;
    for (bool again = true; again && code == MSTR_OK;) {
        ERR_clear_error();
        code = step(tls, SSL_do_handshake(tls->ssl), wait, &again, &ended, error);
    }
    if (code == MSTR_OK && ended) {
        return host->error_set(error, MSTR_E_NETWORK, "the store closed the connection during the TLS handshake");
    }
    if (code == MSTR_E_TIMEOUT) { /* Redis waits for the end of what it takes for a line */
        return error_hint(error, code,
                          "where this stays so, what listens there speaks no TLS: see the port of \"url\"");
    }
    return code == MSTR_OK ? flush(tls, wait, error) : code;
}

enum mstr_code tls_begin(struct tls_side *side, const struct settings *settings, const char *peer, int fd,
                         const struct wait *wait, struct tls **tls, struct mstr_error *error)
{
    SSL_CTX *context = NULL;
    *tls = NULL;
    if (!crypto_is_ready()) {
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    enum mstr_code code = take_context(side, settings, wait->call, &context, error);
    if (code != MSTR_OK) {
        return code;
    }
    struct tls *made = make(context, settings->server_name != NULL ? settings->server_name : peer, fd);
    SSL_CTX_free(context);
    code = made != NULL ? shake_hands(made, wait, error) : host->error_set(error, MSTR_E_MEMORY, "out of memory");
    if (code != MSTR_OK) {
        tls_free(made);
        return code;
    }
    *tls = made;
    return MSTR_OK;
}

enum mstr_code tls_send(struct tls *tls, const char *octets, size_t length, const struct wait *wait,
                        struct mstr_error *error)
{
    enum mstr_code code = MSTR_OK;
    bool ended = false;
    for (bool again = length > 0; again && code == MSTR_OK;) {
        size_t written = 0;
        ERR_clear_error();
        code = step(tls, SSL_write_ex(tls->ssl, octets, length, &written), wait, &again, &ended, error);
    }
    if (code == MSTR_OK && ended) {
        return socket_tell_end(error);
    }
    return code == MSTR_OK ? flush(tls, wait, error) : code;
}

enum mstr_code tls_receive(struct tls *tls, char *into, size_t capacity, const struct wait *wait, size_t *got,
                           struct mstr_error *error)
{
    enum mstr_code code = MSTR_OK;
    bool ended = false;
    *got = 0;
    for (bool again = true; again && code == MSTR_OK;) {
        ERR_clear_error();
        code = step(tls, SSL_read_ex(tls->ssl, into, capacity, got), wait, &again, &ended, error);
    }
    return code;
}

bool tls_is_quiet(const struct tls *tls)
{
    return SSL_has_pending(tls->ssl) == 0 && BIO_ctrl_pending(tls->in) == 0;
}

void tls_tell(const struct tls *tls, char *text, size_t size)
{
    snprintf(text, size, "%s, %s", SSL_get_version(tls->ssl), SSL_get_cipher_name(tls->ssl));
}

void tls_free(struct tls *tls)
{
    if (tls != NULL) {
        SSL_free(tls->ssl);
        ERR_clear_error();
        free(tls);
    }
}
