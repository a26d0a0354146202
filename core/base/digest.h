/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 and HMAC-SHA-256 (FIPS 180-4, RFC 2104) of a few octets at a time: for what is compared, not for what is
 * signed or sealed, which is OpenSSL's. It is here so that a process which only asks an agent need not load OpenSSL,
 * which takes longer than all else that such a process does. libmd, the small library for it, was tried: to load it
 * costs such a process 6 % of its time (4 to 8 % of its instructions), and 1.0.4 leaves the octets of each block on
 * the stack, passwords among them. This wipes what it took, and takes the same time for all octets of a length. Pure.
 */
#ifndef MSTR_BASE_DIGEST_H
#define MSTR_BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

enum { DIGEST_OCTETS = 32 };

void digest_of(const void *octets, size_t length, unsigned char digest[DIGEST_OCTETS]);
/* HMAC, with a key of any length. */
void digest_keyed(const void *key, size_t key_length, const void *octets, size_t length,
                  unsigned char digest[DIGEST_OCTETS]);
/* In the same time whatever they are. */
bool digest_equal(const unsigned char one[DIGEST_OCTETS], const unsigned char other[DIGEST_OCTETS]);

#endif
