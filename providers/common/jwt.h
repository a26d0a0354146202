/*
 * JSON Web Tokens signed with RS256 (RFC 7515, 7519), as service accounts use them.
 */
#ifndef MSTR_PROVIDERS_GCP_JWT_H
#define MSTR_PROVIDERS_GCP_JWT_H

#include "util/buffer.h"

#include <openssl/evp.h>

/* Appends header.claims.signature; `kid` may be NULL. False without memory or when the key cannot sign. */
bool jwt_sign(EVP_PKEY *key, const char *kid, const struct buffer *claims, struct buffer *out);

#endif
