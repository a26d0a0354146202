/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON Web Tokens (RFC 7515, 7519) in the compact form: signed assertions of service accounts and applications, and
 * proofs of possession.
 */
#ifndef MSTR_PROVIDERS_SDK_JWT_H
#define MSTR_PROVIDERS_SDK_JWT_H

#include "base/json.h"

#include <openssl/x509.h>

/* Names of RFC 7518 3.1. */
enum jwt_algorithm { JWT_RS256, JWT_PS256, JWT_ES256 };

/* The header beside its "alg"; members that are NULL are left out. */
struct jwt_header {
    enum jwt_algorithm algorithm;
    const char *type; /* NULL = "JWT" */
    const char *kid;
    const char *x5t;      /* base64url of the certificate's SHA-1, for services of old */
    const char *x5t_s256; /* base64url of the certificate's SHA-256 */
    const char *x5c;      /* JSON array of certificates */
    const char *jwk;      /* JSON object, the public key */
};

/* Appends a certificate to a JSON array of them, in base64 of DER, as x5c has it; the caller closes the array. */
bool jwt_put_certificate(struct buffer *array, X509 *certificate);
/* Appends header.claims.signature; `claims` is a JSON object. False without memory or when the key cannot sign so. */
bool jwt_sign(EVP_PKEY *key, const struct jwt_header *header, const struct buffer *claims, struct buffer *out);
/* What a token says of itself, unverified, for json_release(); NULL for one that is opaque. MSTR_OK,
 * MSTR_E_MEMORY. */
enum mstr_code jwt_claims(const char *token, struct json_object **claims);

#endif
