/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where tokens come from: the configured authority, and which of its tenants may be asked.
 */
#ifndef MSTR_PROVIDERS_AZURE_CONFIG_AUTHORITY_H
#define MSTR_PROVIDERS_AZURE_CONFIG_AUTHORITY_H

#include <mstr/provider.h>
#include <stdbool.h>

enum { AUTHORITY_MAX = 511, AUTHORITY_HOST_MAX = 255, TENANT_MAX = 127 };

struct authority {
    char url[AUTHORITY_MAX + 1]; /* no slash at its end */
    char host[AUTHORITY_HOST_MAX + 1];
};

/* The option authority_host, AZURE_AUTHORITY_HOST or the public cloud's. MSTR_E_CONFIG unless it is https, or http to
 * loopback. */
enum mstr_code authority_find(const struct mstr_instance *instance, struct authority *authority,
                              struct mstr_error *error);

/* ADFS has no tenants, and a protocol of the first version. */
bool authority_is_adfs(const char *tenant);
/* A tenant id, domain or "adfs": letters, digits, dots and hyphens. */
bool authority_is_tenant(const char *tenant);
/* MSTR_E_CONFIG tells that it is none. */
enum mstr_code authority_check_tenant(const char *tenant, struct mstr_error *error);
/* The tenant to ask: the one that a vault asked for where that is allowed, else `own`; "" stands for none. */
enum mstr_code authority_tenant(const struct mstr_instance *instance, const char *asked, const char *own,
                                char tenant[TENANT_MAX + 1], struct mstr_error *error);

#endif
