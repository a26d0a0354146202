/* SPDX-License-Identifier: Apache-2.0 */
/* Whether OpenSSL can be used. */
#include "base/crypto.h"

#include <openssl/crypto.h>
#include <openssl/err.h>

bool crypto_is_ready(void)
{
    return OPENSSL_init_crypto(0, NULL) == 1 && OSSL_LIB_CTX_get0_global_default() != NULL;
}

bool crypto_forget_failure(void)
{
    ERR_clear_error();
    return false;
}
