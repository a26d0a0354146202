/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sovereign clouds: which authority gives tokens for which vaults. Pure.
 */
#ifndef MSTR_PROVIDERS_AZURE_CONFIG_CLOUD_H
#define MSTR_PROVIDERS_AZURE_CONFIG_CLOUD_H

#include <stdbool.h>

struct cloud {
    const char *vaults; /* the name after a vault's own; a token's resource is https:// and this */
    const char *hsms;   /* the same of managed HSMs, which hold no secrets; NULL = none */
};

/* The cloud of an authority's host; an unknown one is taken for the public cloud's. */
const struct cloud *cloud_of_authority(const char *authority_host);
/* The cloud whose vaults end like this host; NULL when it tells nothing. */
const struct cloud *cloud_of_vault(const char *vault_host);
/* The host is that of a managed HSM. */
bool cloud_is_hsm(const char *vault_host);
/* The host is that of the public cloud's authority, whose regional ones have a name of their own. */
bool cloud_is_public_authority(const char *authority_host);
/* `host` is `parent` with at least one label before it; without regard to case. */
bool cloud_is_below(const char *host, const char *parent);

#endif
