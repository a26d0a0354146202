/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Octets sealed with AES-256-GCM (NIST SP 800-38D) under a key that scrypt (RFC 7914) derives from a passphrase and a
 * salt of the sealing's own. Sealed text: magic and version, salt, nonce, ciphertext, tag. The head and a context
 * given by the caller are authenticated with it. Pure but for the random salt and nonce.
 */
#ifndef MSTR_SECRET_SEAL_H
#define MSTR_SECRET_SEAL_H

#include "base/buffer.h"
#include "base/error.h"

#include <mstr/secret.h>

/* Appends the sealed octets. */
enum mstr_code seal(const mstr_secret *passphrase, const char *context, const void *octets, size_t length,
                    struct buffer *out, mstr_error *error);
/* Appends what was sealed. MSTR_E_AUTHENTICATION if passphrase, context or octets are not the ones of the sealing. */
enum mstr_code unseal(const mstr_secret *passphrase, const char *context, const void *sealed, size_t length,
                      struct buffer *out, mstr_error *error);

#endif
