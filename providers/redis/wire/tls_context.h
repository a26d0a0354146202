/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whom TLS trusts, by the host's rule, and the certificate that we show, read into a context of OpenSSL's.
 */
#ifndef MSTR_PROVIDERS_REDIS_WIRE_TLS_CONTEXT_H
#define MSTR_PROVIDERS_REDIS_WIRE_TLS_CONTEXT_H

#include "redis/config/settings.h"

#include <openssl/types.h>

/* To be freed with SSL_CTX_free(); NULL after a failure. MSTR_E_CONFIG where a file is missing or no such thing. */
enum mstr_code tls_context_make(const struct settings *settings, const struct mstr_call *call, SSL_CTX **context,
                                struct mstr_error *error);

#endif
