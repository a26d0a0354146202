/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A service principal's certificate and RSA key, out of PEM (the key may be encrypted) or PKCS#12.
 */
#ifndef MSTR_PROVIDERS_AZURE_IDENTITY_CERTIFICATE_H
#define MSTR_PROVIDERS_AZURE_IDENTITY_CERTIFICATE_H

#include "base/buffer.h"

#include <openssl/x509.h>

struct certificate {
    EVP_PKEY *key;
    STACK_OF(X509) * chain; /* the one that belongs to the key first, then the others in their order */
};

/* `password` may be NULL. MSTR_E_CONFIG tells what is wrong with the content of `what`, without quoting it. */
enum mstr_code certificate_read(const char *what, const void *octets, size_t length, const char *password,
                                struct certificate *out, struct mstr_error *error);
/* A zeroed one is accepted. */
void certificate_release(struct certificate *certificate);

#endif
