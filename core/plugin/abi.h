/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a plugin keeps to the ABI: the table that its entry point gave, looked at before anything in it is used.
 */
#ifndef MSTR_PLUGIN_ABI_H
#define MSTR_PLUGIN_ABI_H

#include "base/error.h"

#include <mstr/store.h>
#include <stdbool.h>

/* Checks what an entry point gave (NULL included), options and all; `origin` is the plugin's file or name, for
 * messages. MSTR_OK or MSTR_E_PLUGIN. */
enum mstr_code abi_check(const struct mstr_provider *provider, const char *origin, mstr_error *error);
/* The same for a store module. */
enum mstr_code abi_check_store(const struct mstr_store *store, const char *origin, mstr_error *error);
/* Whether the provider has a service of this name. */
bool abi_has_service(const struct mstr_provider *provider, const char *service);

#endif
