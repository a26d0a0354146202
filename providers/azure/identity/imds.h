/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The instance metadata service of virtual machines, scale sets and container groups.
 */
#ifndef MSTR_PROVIDERS_AZURE_IDENTITY_IMDS_H
#define MSTR_PROVIDERS_AZURE_IDENTITY_IMDS_H

#include "azure/identity/managed_host.h"

extern const struct managed_host imds_host;

/* Where the firmware tells that a machine is Azure's; tests have a file of their own. */
extern const char *imds_asset_tag_file;

#endif
