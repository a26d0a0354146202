/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates for tests, made on the spot: a self-signed one with its key, in a file and in a server's context.
 */
#ifndef MSTR_TESTS_SUPPORT_CERTIFICATE_H
#define MSTR_TESTS_SUPPORT_CERTIFICATE_H

#include <openssl/types.h>

struct certificate {
    char file[64]; /* PEM: certificate and key; removed by certificate_release() */
    char sha1[41]; /* of the certificate, lower case */
    char pin[64];  /* "sha256//…" of its public key */
    char hash[16]; /* of its subject, with ".0": its name in a folder that OpenSSL looks into */
    SSL_CTX *context;
};

/* `names` as OpenSSL writes subjectAltName: "DNS:localhost,IP:127.0.0.1". */
void certificate_make(struct certificate *certificate, const char *names);
/* The same with an end of its own, in seconds from now; below 0 it has expired. */
void certificate_make_lasting(struct certificate *certificate, const char *names, long lifetime);
/* Writes it anew: its key encrypted, or both as PKCS#12. */
void certificate_encrypt(struct certificate *certificate, const char *password);
void certificate_to_pkcs12(struct certificate *certificate, const char *password);
void certificate_release(struct certificate *certificate);

#endif
