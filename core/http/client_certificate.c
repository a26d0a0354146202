/* SPDX-License-Identifier: Apache-2.0 */
/* A client certificate and its key. */
#include "http/client_certificate.h"

#include "base/openssl.h"
#include "http/tls_file.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const char encrypted[] = "its key is encrypted, and there is no client_key_password";
static const char wrong_passphrase[] = "client_key_password does not open it";

/* What is looked for, and the first fault found on the way. */
struct search {
    const struct openssl *openssl;
    const char *passphrase;
    bool asked; /* for the passphrase */
    X509 *certificate;
    EVP_PKEY *key;
};

bool client_certificate_is_pkcs12(const char *path)
{
    unsigned char first = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    bool found = file >= 0 && read(file, &first, 1) == 1 && first == 0x30;
    if (file >= 0) {
        close(file);
    }
    return found;
}

/* As OpenSSL asks, which otherwise would at the terminal. */
static int give_passphrase(char *out, int size, int writing, void *data)
{
    struct search *search = data;
    size_t length = search->passphrase != NULL ? strlen(search->passphrase) : 0;
    (void)writing;
    search->asked = true;
    if (length == 0 || length > (size_t)size) {
        return -1;
    }
    memcpy(out, search->passphrase, length);
    return (int)length;
}

static const char *passphrase_fault(const struct search *search)
{
    return search->passphrase == NULL ? NULL : *search->passphrase == '\0' ? encrypted : wrong_passphrase;
}

/* What is wrong with the content of a file, or NULL, as in what follows. */
static const char *read_pkcs12(const struct buffer *content, struct search *search)
{
    const unsigned char *at = (const unsigned char *)content->data;
    const struct openssl *openssl = search->openssl;
    PKCS12 *bundle = openssl->d2i_PKCS12(NULL, &at, (long)content->length);
    const char *fault = NULL;
    if (bundle == NULL) {
        fault = "it is neither PEM nor PKCS#12";
    } else if (search->passphrase != NULL &&
               openssl->PKCS12_parse(bundle, search->passphrase, &search->key, &search->certificate, NULL) != 1) {
        fault = passphrase_fault(search);
    } else if (search->passphrase != NULL && (search->key == NULL || search->certificate == NULL)) {
        fault = "it does not hold both a certificate and its key";
    }
    openssl->PKCS12_free(bundle);
    return fault;
}

static const char *read_certificate(const struct buffer *content, struct search *search)
{
    const struct openssl *openssl = search->openssl;
    BIO *pem = openssl->BIO_new_mem_buf(buffer_text(content), (int)content->length);
    search->certificate = pem != NULL ? openssl->PEM_read_bio_X509_AUX(pem, NULL, give_passphrase, search) : NULL;
    openssl->BIO_free(pem);
    return search->certificate != NULL ? NULL : "it holds no certificate";
}

static const char *read_key(const struct buffer *content, struct search *search)
{
    const struct openssl *openssl = search->openssl;
    BIO *pem = openssl->BIO_new_mem_buf(buffer_text(content), (int)content->length);
    search->key = pem != NULL ? openssl->PEM_read_bio_PrivateKey(pem, NULL, give_passphrase, search) : NULL;
    openssl->BIO_free(pem);
    return search->key != NULL ? NULL : search->asked ? passphrase_fault(search) : "it holds no private key";
}

/* Tells the fault, unless it is that memory ran out. */
static enum mstr_code tell(const struct search *search, const char *source, const char *path, const char *fault,
                           mstr_error *error)
{
    bool memory = ERR_GET_REASON(search->openssl->ERR_peek_last_error()) != ERR_R_MALLOC_FAILURE;
    if (!memory) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (fault == NULL) {
        return MSTR_OK;
    }
    error_set(error, MSTR_E_CONFIG, "%s=%s: %s", source, path, fault);
    error_set_hint(error, CLIENT_CERTIFICATE_HINT);
    return MSTR_E_CONFIG;
}

typedef const char *read_fn(const struct buffer *content, struct search *search);

static enum mstr_code read_file(const char *source, const char *path, read_fn *read, struct search *search,
                                mstr_error *error)
{
    struct buffer content = BUFFER_INIT;
    enum mstr_code code = tls_file_read(source, path, "a readable file of PEM or PKCS#12", &content, error);
    if (code == MSTR_OK) {
        code = tell(search, source, path, read(&content, search), error);
    }
    buffer_release(&content);
    return code;
}

enum mstr_code client_certificate_check(const char *certificate, const char *key, const char *passphrase,
                                        mstr_error *error)
{
    const char *source = key != NULL ? "client_key" : "client_cert";
    const char *path = key != NULL ? key : certificate;
    const struct openssl *openssl = NULL;
    bool whole = client_certificate_is_pkcs12(certificate);
    enum mstr_code code = openssl_get(&openssl, error);
    if (code != MSTR_OK) {
        return code;
    }
    struct search search = {.openssl = openssl, .passphrase = passphrase};
    openssl->ERR_clear_error();
    code = read_file("client_cert", certificate, whole ? read_pkcs12 : read_certificate, &search, error);
    if (code == MSTR_OK && (key != NULL || !whole)) {
        openssl->EVP_PKEY_free(search.key);
        search.key = NULL;
        code = read_file(source, path, read_key, &search, error);
    }
    if (code == MSTR_OK && search.certificate != NULL && search.key != NULL &&
        openssl->X509_check_private_key(search.certificate, search.key) != 1) {
        code = tell(&search, source, path, "it is not the key of the certificate", error);
    }
    openssl->EVP_PKEY_free(search.key);
    openssl->X509_free(search.certificate);
    openssl->ERR_clear_error();
    return code;
}
