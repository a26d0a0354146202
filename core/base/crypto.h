/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether OpenSSL can be used. Where memory ran out while it was being initialised, it stays without its own context
 * for good and follows null pointers (3.0): whoever may be the first to use it asks here before. Stateless; part of
 * the helpers that plugins compile in. Thread-safe.
 */
#ifndef MSTR_BASE_CRYPTO_H
#define MSTR_BASE_CRYPTO_H

#include <stdbool.h>

/* False where there was no memory for it. */
bool crypto_is_ready(void);
/* Forgets what OpenSSL noted of a failure that is told by its caller: its list of errors is the program's own. False,
 * for whoever returns that. */
bool crypto_forget_failure(void);

#endif
