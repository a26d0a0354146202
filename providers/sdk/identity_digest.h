/*
 * Who read a value, for mstr_meta::identity: a digest of what proved it, such as an access key id or a token. Two
 * identities never share one; one identity has another with each renewal of its proof. Thread-safe.
 */
#ifndef MSTR_PROVIDERS_SDK_IDENTITY_DIGEST_H
#define MSTR_PROVIDERS_SDK_IDENTITY_DIGEST_H

/* Octets of a digest with its NUL: 128 bits in hexadecimal. */
enum { IDENTITY_SIZE = 33 };

void identity_digest(const char *proof, char digest[IDENTITY_SIZE]);

#endif
