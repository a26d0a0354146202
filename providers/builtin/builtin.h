/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The providers that are linked into the library. They follow the same ABI as any plugin.
 */
#ifndef MSTR_PROVIDERS_BUILTIN_BUILTIN_H
#define MSTR_PROVIDERS_BUILTIN_BUILTIN_H

#include <mstr/provider.h>

const struct mstr_provider *cred_provider_entry(const struct mstr_host *table);
const struct mstr_provider *env_provider_entry(const struct mstr_host *table);
const struct mstr_provider *exec_provider_entry(const struct mstr_host *table);
const struct mstr_provider *file_provider_entry(const struct mstr_host *table);
const struct mstr_provider *text_provider_entry(const struct mstr_host *table);

#endif
