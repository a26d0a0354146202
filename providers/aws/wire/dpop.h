/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proof that a request's sender holds the key that its token is bound to (DPoP, RFC 9449), in ES256.
 */
#ifndef MSTR_PROVIDERS_AWS_WIRE_DPOP_H
#define MSTR_PROVIDERS_AWS_WIRE_DPOP_H

#include "base/buffer.h"

#include <mstr/provider.h>
#include <stdint.h>

/* Appends the DPoP header's value for a POST to `url` at `now`, ms since 1970. `pem` is a private key on P-256;
 * MSTR_E_CONFIG when it is not. */
enum mstr_code dpop_prove(const char *pem, const char *url, int64_t now, struct buffer *proof,
                          struct mstr_error *error);

#endif
