/*
 * Where tokens come from: the configured authority, its token endpoint for a tenant, and which tenants may be asked.
 */
#ifndef MSTR_PROVIDERS_AZURE_CONFIG_AUTHORITY_H
#define MSTR_PROVIDERS_AZURE_CONFIG_AUTHORITY_H

#include "azure/identity/identity.h"
#include "base/buffer.h"

enum { AUTHORITY_MAX = 511, AUTHORITY_HOST_MAX = 255 };

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
/* The tenant to ask: the one that a vault named where that is allowed, else `own` ("" = it has none). */
enum mstr_code authority_tenant(const struct ask *ask, const char *own, char tenant[TENANT_MAX + 1],
                                struct mstr_error *error);

/* Appends the URL of the tenant's token endpoint; with `regional`, that of AZURE_REGIONAL_AUTHORITY_NAME's region. */
enum mstr_code authority_endpoint(const struct ask *ask, const char *tenant, bool regional, struct buffer *url,
                                  struct mstr_error *error);

#endif
