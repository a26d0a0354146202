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

/* Whether a reference can be resolved at all, by its text alone: MSTR_E_CONFIG with the reason. The same is told to
 * whoever resolves it. Those that are not here take any. */
enum mstr_code cred_check(const struct mstr_reference *reference, struct mstr_error *error);
enum mstr_code env_check(const struct mstr_reference *reference, struct mstr_error *error);
enum mstr_code file_check(const struct mstr_reference *reference, struct mstr_error *error);

#endif
