/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who read a value, for mstr_meta::identity: a digest of what tells one identity from all others, as far as possible
 * of something that outlives a renewal. Two identities never share one. Thread-safe.
 */
#ifndef MSTR_PROVIDERS_SDK_IDENTITY_DIGEST_H
#define MSTR_PROVIDERS_SDK_IDENTITY_DIGEST_H

#include <stddef.h>

/* Octets of a digest with its NUL: 128 bits in hexadecimal. */
enum { IDENTITY_SIZE = 33 };

/* Of what proved it, such as an access key id. */
void identity_digest(const char *proof, char digest[IDENTITY_SIZE]);
/* Of several texts together, NULL being another one than "". */
void identity_digest_of(const char *const texts[], size_t count, char digest[IDENTITY_SIZE]);
/* Of an access token that a service has accepted: of the subject that its issuer wrote into it, which the next one
 * names as well; where nothing can be read there, of the token itself. */
void identity_digest_of_token(const char *token, char digest[IDENTITY_SIZE]);

#endif
