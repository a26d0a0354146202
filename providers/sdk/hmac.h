/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 and HMAC-SHA-256 (FIPS 180-4, RFC 2104) for signers that compute many small ones, over OpenSSL's digests
 * with the algorithm kept: OpenSSL's one-shot calls look it up anew each time, which costs more than hashing the few
 * hundred octets that are signed. Pure; any number of threads.
 */
#ifndef MSTR_PROVIDERS_SDK_HMAC_H
#define MSTR_PROVIDERS_SDK_HMAC_H

#include <stdbool.h>
#include <stddef.h>

bool sha256(const void *octets, size_t length, unsigned char digest[32]);
/* `digest` may be where the key is. */
bool hmac_sha256(const void *key, size_t key_length, const void *octets, size_t length, unsigned char digest[32]);

#endif
