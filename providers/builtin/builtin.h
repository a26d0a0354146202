/*
 * The providers that are linked into the library, by plugin name. They follow the same ABI as any plugin.
 */
#ifndef MSTR_PROVIDERS_BUILTIN_BUILTIN_H
#define MSTR_PROVIDERS_BUILTIN_BUILTIN_H

#include <mstr/provider.h>

typedef const struct mstr_provider *(*builtin_entry_fn)(const struct mstr_host *host);

/* The entry point of "env", "exec", "file" or "text"; NULL for any other name. */
builtin_entry_fn builtin_entry(const char *name);

const struct mstr_provider *env_provider_entry(const struct mstr_host *table);
const struct mstr_provider *exec_provider_entry(const struct mstr_host *table);
const struct mstr_provider *file_provider_entry(const struct mstr_host *table);
const struct mstr_provider *text_provider_entry(const struct mstr_host *table);

#endif
